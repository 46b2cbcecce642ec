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
  const modals: Element[] = [...document.querySelectorAll("dialog[open]")];
  let isOver = false;

  // Beside <body>, which pages replace, transform, filter and make inert. A modal dialog makes all else inert: into it.
  const home = () => modals.findLast((each) => each.isConnected && isModal(each)) ?? document.documentElement;

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
    if (isPopover(root)) root.hidePopover();
    if (!isOrdered) root.showPopover?.();
  }

  const dialogs = new MutationObserver((changes) => {
    for (const { target } of changes) {
      const dialog = target as Element;
      if (isModal(dialog) && !modals.includes(dialog)) modals.push(dialog);
    }
    for (const gone of modals.filter((each) => !each.hasAttribute("open"))) modals.splice(modals.indexOf(gone), 1);
    settle();
  });

  root.popover = "manual";
  (host as Host).moved = () => {
    if (!isOver) there(host.isConnected);
    if (!host.isConnected) setTimeout(settle, PUT_BACK_MS);
  };
  settle();
  dialogs.observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["open"] });
  return {
    raise,
    remove: () => {
      isOver = true;
      dialogs.disconnect();
      host.remove();
    },
  };
}

function isModal(element: Element): boolean {
  return element.matches("dialog:modal");
}

function isPopover(element: Element): boolean {
  // Firefox has popovers since 125; without them the z-index has to do.
  return "showPopover" in element && element.matches(":popover-open");
}
