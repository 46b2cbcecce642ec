import { CHAT } from "../../controls/chat-icon";
import type { Labels } from "../../strings/labels";
import { createFrame, type Frame } from "../frame";
import { hasBubble } from "../own-launcher";
import type { BootOptions } from "../settings";

export interface BubbleModel {
  readonly options: BootOptions;
  readonly labels: Labels;
  readonly isHidden: boolean;
  readonly isLoading: boolean;
  /** The chat could not be loaded. */
  readonly hasFailed: boolean;
}

export interface BubbleEvents {
  /** The visitor seems to be about to open the chat. */
  intended(): void;
  pressed(): void;
  there(isThere: boolean): void;
}

/** The bubble before the chat is there, which then draws its own in the same place. */
export interface Bubble {
  draw(model: BubbleModel): void;
  /** From now on the chat draws and listens. */
  handOver(): Frame;
  remove(): void;
}

const SVG = "http://www.w3.org/2000/svg";
/** With these a page that traps the focus keeps a press outside its dialog from doing anything. */
const PRESSES = ["pointerdown", "mousedown", "touchstart", "click"];
const INTENTS = ["pointerenter", "focus", "touchstart"];

export function createBubble({ intended, pressed, there }: BubbleEvents): Bubble {
  const frame = createFrame(there);
  const listening = new AbortController();
  const { signal } = listening;
  const button = document.createElement("button");
  const note = document.createElement("p");
  button.type = "button";
  button.className = "launcher";
  button.ariaHasPopup = "dialog";
  button.append(icon());
  // Always there: what comes into the document with its words in it is not announced.
  note.className = "note";
  note.role = "status";
  for (const type of INTENTS) button.addEventListener(type, intended, { signal, passive: true });
  button.addEventListener("click", pressed, { signal });
  for (const type of PRESSES) window.addEventListener(type, untrap, { signal, capture: true });
  frame.root.append(note);

  /** The window hears before any trap that listens on the document. */
  function untrap(event: Event): void {
    if (!event.composedPath().includes(frame.host) || !document.querySelector("[aria-modal=true]")) return;
    event.stopImmediatePropagation();
    if (event.type === "click") pressed();
  }

  return {
    draw: ({ options, labels, isHidden, isLoading, hasFailed }) => {
      frame.follow({ options, language: labels, isOpen: false, open: pressed, close: () => {} });
      button.ariaLabel = labels.open;
      button.ariaBusy = `${isLoading}`;
      if (isHidden || !hasBubble(options)) button.remove();
      // Not once more: what is moved loses the focus.
      else if (!button.parentNode) frame.root.append(button);
      note.textContent = hasFailed ? `⚠ ${labels.open}` : "";
    },
    handOver: () => {
      listening.abort();
      button.ariaBusy = null;
      note.className = "hidden";
      return frame;
    },
    remove: frame.remove,
  };
}

function icon(): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.ariaHidden = "true";
  path.setAttribute("d", CHAT);
  svg.append(path);
  return svg;
}
