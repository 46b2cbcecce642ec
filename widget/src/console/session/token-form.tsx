import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { saidBy } from "../room";
import { sessionOf } from "./session";

interface Props {
  readonly label: string;
  readonly problem: string | undefined;
  /** Nobody writes anything else meanwhile. */
  readonly isAlone: boolean;
  /** Takes a token, or says what is wrong with it. */
  readonly take: (token: string) => string | undefined;
  readonly children: ComponentChildren;
}

/** Where a token is pasted. Whose it is can be read before it is used. */
export function TokenForm({ label, problem: before, isAlone, take, children }: Props) {
  const [problem, setProblem] = useState(before);
  const [pasted, setPasted] = useState("");
  const [isShown, setShown] = useState(false);
  const session = sessionOf(pasted);
  const field = useRef<HTMLInputElement>(null);

  // After a sign-out: browsers heed `autofocus` while the page is loaded and when a dialog opens.
  useEffect(() => {
    if (isAlone) field.current?.focus();
  }, []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setProblem(take(pasted));
  };

  return (
    <form class="token-form" onSubmit={submit}>
      {children}
      <div class="token-label">
        <label for="token">Token</label>
        <button type="button" class="link" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? "Hide" : "Show"}
        </button>
      </div>
      <input
        ref={field}
        id="token"
        name="token"
        type={isShown ? "text" : "password"}
        autocomplete="off"
        spellcheck={false}
        required
        autofocus={isAlone}
        {...saidBy("problem whose", problem !== undefined)}
        onInput={({ currentTarget }) => setPasted(currentTarget.value)}
      />
      <p id="whose" class="caption">
        {session ? `For ${session.sellerId}.` : "A token is three groups of letters with dots between them."}
      </p>
      <p id="problem" class="problem" role="alert">
        {problem}
      </p>
      <button type="submit" class="primary">
        {label}
      </button>
    </form>
  );
}
