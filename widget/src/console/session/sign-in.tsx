import { useState } from "preact/hooks";
import { type Session, sessionOf } from "./session";

interface Props {
  readonly reason: string | undefined;
  readonly signIn: (session: Session) => void;
}

export function SignIn({ reason, signIn }: Props) {
  const [problem, setProblem] = useState(reason);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget as HTMLFormElement).get("token") ?? "");
    const session = sessionOf(token);
    if (session) signIn(session);
    else setProblem("This is no valid token, or it has expired. Paste a new one, whole.");
  };

  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>Seller Chat</h1>
        <p>Sign in with the token that your shop gave you. It stays in this tab only.</p>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          required
          autofocus
          aria-describedby="problem"
        />
        <p id="problem" class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
