import { Component } from "preact";
import type { WidgetModel } from "../widget";
import { ConversationScreen } from "./conversation-screen";
import { DetailsForm, isAskedFirst } from "./details-form";
import { refuseFiles } from "./files";
import { Header } from "./header";

interface Props {
  readonly model: WidgetModel;
}

/** Where the panel fills the screen; widget.css has the same. */
export const PHONE = "(max-width: 480px), (max-height: 448px)";
const NOTICE_MS = 6_000;

export class Panel extends Component<Props, { isRefused?: boolean }> {
  private dialog: HTMLDialogElement | null = null;
  private readonly stop = new AbortController();
  private readonly phone = matchMedia(PHONE);
  private notice: ReturnType<typeof setTimeout> | undefined;
  private pageOverflow: string | undefined;

  override componentDidMount(): void {
    const { signal } = this.stop;
    this.phone.addEventListener?.("change", this.present, { signal });
    this.hostElement()?.addEventListener("placed", this.present, { signal });
    for (const type of ["resize", "scroll"]) window.visualViewport?.addEventListener(type, this.fit, { signal });
    this.present();
    if (this.props.model.takesFocus && this.dialog) focusFirst(this.dialog);
  }

  override componentDidUpdate({ model }: Props): void {
    const { dialog } = this;
    const { phase, conversation } = this.props.model.snapshot;
    const isAnother = phase !== model.snapshot.phase || conversation?.status !== model.snapshot.conversation?.status;
    // What had the focus is no longer there.
    if (isAnother && dialog && this.hadFocus && !dialog.matches(":focus-within")) focusFirst(dialog);
  }

  /** Before it is drawn anew: afterwards what had the focus may be gone. */
  override getSnapshotBeforeUpdate(): null {
    this.hadFocus = this.dialog?.matches(":focus-within") ?? false;
    return null;
  }
  private hadFocus = false;

  override componentWillUnmount(): void {
    this.stop.abort();
    clearTimeout(this.notice);
    this.holdPage(false);
    const root = this.dialog?.getRootNode() as ShadowRoot | undefined;
    const hadFocus = this.dialog?.matches(":focus-within");
    // The bubble takes the panel's place, and the keyboard's focus with it.
    if (hadFocus) queueMicrotask(() => root?.querySelector<HTMLElement>(".launcher")?.focus());
  }

  private hostElement(): Element | undefined {
    return (this.dialog?.getRootNode() as ShadowRoot | undefined)?.host;
  }

  /** On a phone the panel covers the page, so the page must not be reached behind it; a window may become as small. */
  private readonly present = (): void => {
    const { dialog } = this;
    if (!dialog?.isConnected) return;
    const focused = (dialog.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
    const isPhone = this.phone.matches;
    dialog.close();
    // `show` would take the focus.
    if (isPhone) dialog.showModal();
    else dialog.open = true;
    this.holdPage(isPhone);
    this.fit();
    if (focused && dialog.contains(focused)) focused.focus({ preventScroll: true });
  };

  /** Behind a panel that covers it the page would scroll along. */
  private holdPage(isHeld: boolean): void {
    const { style } = document.documentElement;
    if (isHeld) {
      this.pageOverflow ??= style.overflow;
      style.overflow = "hidden";
    } else if (this.pageOverflow !== undefined) {
      style.overflow = this.pageOverflow;
      this.pageOverflow = undefined;
    }
  }

  /** The keyboard of a phone covers the page without making it smaller: what is left is the visual viewport. */
  private readonly fit = (): void => {
    const { dialog } = this;
    const { visualViewport: seen } = window;
    if (!dialog || !seen) return;
    const isZoomed = seen.scale > 1.01;
    const isFitted = this.phone.matches && !isZoomed;
    dialog.style.setProperty("--seen-top", isFitted ? `${seen.offsetTop}px` : "");
    dialog.style.setProperty("--seen-height", isFitted ? `${seen.height}px` : "");
  };

  private readonly keyPressed = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // Nor does it close a dialog of the page that the panel is in.
    event.preventDefault();
    this.props.model.close();
  };

  private readonly cancelled = (event: Event): void => {
    event.preventDefault();
    this.props.model.close();
  };

  private readonly refused = (): void => {
    this.setState({ isRefused: true });
    clearTimeout(this.notice);
    this.notice = setTimeout(() => this.setState({ isRefused: false }), NOTICE_MS);
  };

  override render({ model }: Props, { isRefused }: { isRefused?: boolean }) {
    const isForm = isAskedFirst(model);
    return (
      <dialog
        class={isForm ? "above panel introduction" : "above panel"}
        aria-labelledby="title"
        tabIndex={-1}
        ref={(dialog) => {
          this.dialog = dialog;
        }}
        onKeyDown={this.keyPressed}
        onCancel={this.cancelled}
        {...refuseFiles(this.refused)}
      >
        <Header model={model} />
        {isForm ? <DetailsForm model={model} /> : <ConversationScreen model={model} />}
        <p class={isRefused ? "banner trouble" : ""} role="status">
          {isRefused && model.language.strings.noFiles}
        </p>
      </dialog>
    );
  }
}

function focusFirst(dialog: HTMLElement): void {
  dialog.querySelector<HTMLElement>(".first")?.focus();
}
