import { Component, type ComponentChildren, type Ref } from "preact";
import { Icon, SEND } from "./icon";

/** As long as the server takes one, in characters and not in halves of them (docs/protocol.md, "What a client sends"). */
export const LONGEST_MESSAGE = 4000;
/** What the server refuses in a text, as other programs leave it there: a soft line break of Word's is a vertical tab. */
const REFUSED = /[^\P{Cc}\t\n\r]/gu;
/** From here on it is told how many are left. */
const COUNT_DOWN_FROM = 200;

interface Props {
  /** What the field is for. */
  readonly label: string;
  readonly sendLabel: string;
  /** What the field begins with. */
  readonly draft?: string | undefined;
  readonly field?: Ref<HTMLTextAreaElement>;
  readonly typed: (text: string) => void;
  /** Never called with nothing but white space, and never with more than the server takes. */
  readonly send: (text: string) => void;
  /** How many characters are left, or with a minus how many too many there are. */
  readonly leftLabel: (left: number) => string;
  readonly children?: ComponentChildren;
}

/** Where a message is written. Enter sends it, Shift and Enter begin a new line; where there is no Shift, Enter does. */
export class Composer extends Component<Props, { left: number }> {
  override componentDidMount(): void {
    this.changed(this.props.draft ?? "");
  }

  private readonly submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const input = fieldOf(event.currentTarget as HTMLFormElement);
    const text = input.value.replace(REFUSED, " ").trim();
    input.focus();
    if (left(text) < 0) return;
    input.value = "";
    this.changed("");
    grow(input);
    if (text) this.props.send(text);
  };

  private readonly input = ({ currentTarget }: { readonly currentTarget: HTMLTextAreaElement }): void => {
    grow(currentTarget);
    this.changed(currentTarget.value);
    this.props.typed(currentTarget.value);
  };

  private changed(text: string): void {
    this.setState({ left: left(text) });
  }

  override render({ label, sendLabel, draft, field = null, leftLabel, children }: Props) {
    const { left } = this.state;
    return (
      <form class="composer" onSubmit={this.submit}>
        {children}
        <div class="box">
          <textarea
            ref={field}
            class="first"
            name="message"
            rows={1}
            dir="auto"
            aria-label={label}
            aria-describedby="left"
            placeholder={label}
            defaultValue={draft}
            enterkeyhint={hasShift() ? "send" : "enter"}
            onKeyDown={sendOnEnter}
            onInput={this.input}
            onFocus={({ currentTarget }) => grow(currentTarget)}
          />
          <button type="submit" class="send" aria-label={sendLabel}>
            <Icon path={SEND} />
          </button>
        </div>
        {left <= COUNT_DOWN_FROM && (
          <p id="left" class={`left ${left < 0 ? "problem" : ""}`} role="status">
            {leftLabel(left)}
          </p>
        )}
      </form>
    );
  }
}

function fieldOf(form: HTMLFormElement): HTMLTextAreaElement {
  return form.elements.namedItem("message") as HTMLTextAreaElement;
}

function left(text: string): number {
  return LONGEST_MESSAGE - [...text].length;
}

/** Where `field-sizing` is not known (Safari before 26.2), as high as its text; the style sheet has the limit. */
function grow(field: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function hasShift(): boolean {
  return !matchMedia("(hover:none) and (pointer:coarse)").matches;
}

function sendOnEnter(event: KeyboardEvent): void {
  // An Enter that ends the choice of a character (Chinese, Japanese …) sends nothing; Safari says so by the code alone.
  const isChoice = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || event.shiftKey || isChoice || !hasShift()) return;
  event.preventDefault();
  (event.currentTarget as HTMLTextAreaElement).form?.requestSubmit();
}
