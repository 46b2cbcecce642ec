/** Where the widget is on the page: in the document whatever the page does, and above all else. */
export interface Placement {
  /** Above what the page has put into its top layer meanwhile. */
  raise(): void;
  remove(): void;
}

const NAME = "seller-chat";
/** A page that takes the widget away each time it is put back must not keep the browser busy. */
const PUT_BACK_MS = 100;
const ORDER = "--seller-chat-z-index";

class Host extends HTMLElement {
  moved?: () => void;

  connectedCallback(): void {
    this.moved?.();
  }

  disconnectedCallback(): void {
    this.moved?.();
  }
}

export function createHost(): HTMLElement {
  if (!customElements.get(NAME)) customElements.define(NAME, Host);
  return document.createElement(NAME);
}

/** `root` is what the host's shadow shows; `there` is told whether it can be seen. */
export function place(host: HTMLElement, root: HTMLElement, there: (isThere: boolean) => void): Placement {
  /** In the order in which they were opened. */
  const modals = new Set<EventTarget>(document.querySelectorAll("dialog[open]"));
  let isOver = false;

  // Beside <body>, which pages replace, transform, filter and make inert. A modal dialog makes all else inert: into it.
  const home = () =>
    ([...modals] as Element[]).findLast((each) => each.isConnected && isModal(each)) ?? document.documentElement;

  function settle(): void {
    if (isOver) return;
    const parent = home();
    if (host.parentNode === parent) return;
    const focused = host.shadowRoot?.activeElement as HTMLElement | null;
    parent.append(host);
    raise();
    host.dispatchEvent(new Event("placed"));
    focused?.focus();
  }

  function raise(): void {
    if (!host.isConnected) return;
    // A shop that gives the widget a place in its own order wants it there.
    const isOrdered = getComputedStyle(host).getPropertyValue(ORDER).trim() !== "";
    // Firefox has popovers since 125; without them the z-index has to do.
    root.hidePopover?.();
    if (!isOrdered) root.showPopover?.();
  }

  function changed(dialog: EventTarget): void {
    modals.delete(dialog);
    if (isModal(dialog)) modals.add(dialog);
    settle();
  }

  const dialogs = new MutationObserver((changes) => {
    for (const { target } of changes) changed(target);
  });

  /** What is in a shadow of the page's own is met by the focus that it takes. */
  function meet(event: Event): void {
    const path = event.composedPath();
    const modal = path.find(isModal);
    // On a phone the widget's own panel is one.
    if (!modal || modals.has(modal) || path.includes(host)) return;
    modal.addEventListener("close", () => changed(modal));
    changed(modal);
  }

  root.popover = "manual";
  (host as Host).moved = () => {
    if (!isOver) there(host.isConnected);
    if (!host.isConnected) setTimeout(settle, PUT_BACK_MS);
  };
  settle();
  window.addEventListener("focusin", meet, true);
  dialogs.observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["open"] });
  return {
    raise,
    remove: () => {
      isOver = true;
      dialogs.disconnect();
      window.removeEventListener("focusin", meet, true);
      host.remove();
    },
  };
}

function isModal(target: EventTarget): boolean | undefined {
  return (target as Partial<Element>).matches?.("dialog:modal");
}
