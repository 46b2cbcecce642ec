/** What happens in the widget is the widget's: the page's shortcuts, focus traps and scroll locks do not get hold of it. */

const KEYS = ["keydown", "keypress", "keyup"];
/** With these a page that traps the focus keeps a press outside its dialog from doing anything. */
const PRESSES = ["pointerdown", "mousedown", "touchstart", "click"];
/** Pages listen to these for all that is in them: to paste pictures, to scroll smoothly, to catch what is dropped. */
const OTHERS = ["beforeinput", "input", "copy", "cut", "paste", "dragover", "drop", "wheel", "touchmove"];

/** The answer takes the shield away again. */
export function shield(host: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  // The window hears first, before any trap that listens on the document.
  const first = (types: readonly string[], keep: (event: Event) => void) => {
    for (const type of types) {
      const heard = (event: Event) => event.composedPath().includes(host) && keep(event);
      window.addEventListener(type, heard, { capture: true, signal });
    }
  };
  first(KEYS, (event) => repeatInside(event, copyOfKey(event as KeyboardEvent)));
  first(["focusin"], (event) => event.stopImmediatePropagation());
  first(PRESSES, (event) => {
    if (!isTrapped()) return;
    if (event.type !== "click" || isFollowedByBrowser(event)) event.stopImmediatePropagation();
    else {
      repeatInside(
        event,
        new MouseEvent("click", { bubbles: true, cancelable: true, detail: (event as UIEvent).detail }),
      );
      // The repeated one has done all there was to do.
      event.preventDefault();
    }
  });
  // A trap may also look where the focus goes to.
  const leaving = (event: FocusEvent) =>
    event.relatedTarget === host && isTrapped() && event.stopImmediatePropagation();
  window.addEventListener("focusout", leaving, { capture: true, signal });
  for (const type of OTHERS) host.addEventListener(type, (event) => event.stopPropagation(), { signal, passive: true });
  return () => stop.abort();
}

function isTrapped(): boolean {
  return document.querySelector("[aria-modal=true]") !== null;
}

/** What a repeated press could not do: only the person's own follows a link or ticks a box. Nothing else waits for it. */
function isFollowedByBrowser(event: Event): boolean {
  return (event.composedPath()[0] as Element).closest("a, label, input, textarea") !== null;
}

/** Ends the event before the page hears of it, and tells the widget by a copy that does not leave its shadow. */
function repeatInside(event: Event, copy: Event): void {
  event.stopImmediatePropagation();
  if (!event.composedPath()[0]?.dispatchEvent(copy)) event.preventDefault();
}

/** No `KeyboardEvent`: Firefox lets one out of the shadow whatever it is told, and it would be heard and repeated without end. */
function copyOfKey(event: KeyboardEvent): Event {
  const { type, key, code, keyCode, repeat, isComposing, shiftKey, ctrlKey, altKey, metaKey } = event;
  const keys = { key, code, keyCode, repeat, isComposing, shiftKey, ctrlKey, altKey, metaKey };
  return Object.assign(new Event(type, { bubbles: true, cancelable: true }), keys);
}
