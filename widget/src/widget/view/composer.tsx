import type { VisitorChat } from "../../core";
import type { Strings } from "../../strings";
import { Icon, SEND } from "../../timeline/icon";

const LONGEST_MESSAGE = 4000;

export function Composer({ strings, chat }: { readonly strings: Strings; readonly chat: VisitorChat }) {
  const send = (form: HTMLFormElement) => {
    const input = form.elements.namedItem("message") as HTMLTextAreaElement;
    if (input.value.trim()) chat.send(input.value.trim());
    input.value = "";
    input.focus();
  };
  const keyPressed = (event: KeyboardEvent) => {
    // An Enter that ends the choice of a character (Chinese, Japanese …) sends nothing.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send((event.currentTarget as HTMLTextAreaElement).form as HTMLFormElement);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send(event.currentTarget as HTMLFormElement);
      }}
    >
      <textarea
        class="first"
        name="message"
        rows={1}
        dir="auto"
        maxLength={LONGEST_MESSAGE}
        aria-label={strings.write}
        placeholder={strings.write}
        onKeyDown={keyPressed}
        onInput={() => chat.typing()}
      />
      <button type="submit" class="send" aria-label={strings.send}>
        <Icon path={SEND} />
      </button>
    </form>
  );
}
