import { Component } from "preact";
import type { WidgetModel } from "../widget";
import { ConversationScreen } from "./conversation-screen";
import { DetailsForm } from "./details-form";
import { Header } from "./header";

interface Props {
  readonly model: WidgetModel;
}

const PHONE = "(max-width: 480px), (max-height: 448px)";

export class Panel extends Component<Props> {
  private dialog: HTMLDialogElement | null = null;

  override componentDidMount(): void {
    const { dialog } = this;
    if (!dialog) return;
    // On a phone the panel covers the page, so the page must not be reached behind it.
    if (matchMedia(PHONE).matches) dialog.showModal();
    else dialog.show();
    focusFirst(dialog);
  }

  override componentDidUpdate({ model }: Props): void {
    const { dialog } = this;
    const { phase } = this.props.model.snapshot;
    const hasLostFocus = dialog && !dialog.matches(":focus-within");
    if (phase !== model.snapshot.phase && hasLostFocus) focusFirst(dialog);
  }

  override componentWillUnmount(): void {
    const root = this.dialog?.getRootNode() as ShadowRoot | undefined;
    const hadFocus = this.dialog?.matches(":focus-within");
    // The bubble takes the panel's place, and the keyboard's focus with it.
    if (hadFocus) queueMicrotask(() => root?.querySelector<HTMLElement>(".launcher")?.focus());
  }

  private readonly keyPressed = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented) this.props.model.close();
  };

  private readonly cancelled = (event: Event): void => {
    event.preventDefault();
    this.props.model.close();
  };

  override render({ model }: Props) {
    const { phase } = model.snapshot;
    const isIntroduction = phase === "details" || phase === "idle";
    return (
      <dialog
        class="panel"
        aria-labelledby="title"
        ref={(dialog) => {
          this.dialog = dialog;
        }}
        onKeyDown={this.keyPressed}
        onCancel={this.cancelled}
      >
        <Header model={model} />
        {isIntroduction ? <DetailsForm model={model} /> : <ConversationScreen model={model} />}
      </dialog>
    );
  }
}

function focusFirst(dialog: HTMLElement): void {
  dialog.querySelector<HTMLElement>(".first")?.focus();
}
