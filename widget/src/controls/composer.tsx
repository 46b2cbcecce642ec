import type { ComponentChildren, Ref } from "preact";
import { Icon, SEND } from "./icon";

/** As long as the server takes one (docs/protocol.md, "What a client sends"). */
const LONGEST_MESSAGE = 4000;

interface Props {
  /** What the field is for. */
  readonly label: string;
  readonly sendLabel: string;
  /** What the field begins with. */
  readonly draft?: string | undefined;
  readonly field?: Ref<HTMLTextAreaElement>;
  readonly typed: (text: string) => void;
  /** Never called with nothing but white space. */
  readonly send: (text: string) => void;
  readonly children?: ComponentChildren;
}

/** Where a message is written. Enter sends it, Shift and Enter begin a new line. */
export function Composer({ label, sendLabel, draft, field = null, typed, send, children }: Props) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("message") as HTMLTextAreaElement;
    const text = input.value.trim();
    input.value = "";
    input.focus();
    if (text) send(text);
  };
  return (
    <form class="composer" onSubmit={submit}>
      {children}
      <textarea
        ref={field}
        class="first"
        name="message"
        rows={1}
        dir="auto"
        maxLength={LONGEST_MESSAGE}
        aria-label={label}
        placeholder={label}
        defaultValue={draft}
        onKeyDown={sendOnEnter}
        onInput={({ currentTarget }) => typed(currentTarget.value)}
      />
      <button type="submit" class="send" aria-label={sendLabel}>
        <Icon path={SEND} />
      </button>
    </form>
  );
}

function sendOnEnter(event: KeyboardEvent): void {
  // An Enter that ends the choice of a character (Chinese, Japanese …) sends nothing.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  (event.currentTarget as HTMLTextAreaElement).form?.requestSubmit();
}
