import { play, type Tone } from "../../browser/tone";
import type { AlertWorld } from "./alerts";

/** Calls that come together make one sound. */
const APART_MS = 1_000;
const BELL: Tone = { low: 660, high: 880, rises: 0.09, ends: 0.3, loudness: 0.08 };

export interface Bell {
  ring(): void;
  /** Whether the browser would let it be heard. */
  isAllowed(): boolean;
  /** To be called in answer to a press: browsers let no page sound before one. */
  allow(): void;
  listen(listener: () => void): () => void;
}

export function createBell(): Bell {
  let audio: AudioContext | undefined;
  let rangAt = Number.NEGATIVE_INFINITY;
  const listeners = new Set<() => void>();

  function context(): AudioContext {
    if (audio) return audio;
    audio = new AudioContext();
    audio.onstatechange = () => {
      for (const listener of listeners) listener();
    };
    return audio;
  }

  return {
    isAllowed: () => context().state !== "suspended",
    allow: () => void context().resume?.(),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ring: () => {
      if (performance.now() - rangAt < APART_MS) return;
      rangAt = performance.now();
      play(context(), BELL);
    },
  };
}

/** A browser's side. `opened` is called when a person follows a notification. */
export function browserAlerts(bell: Bell, opened: (contactId: string) => void): AlertWorld {
  return {
    beep: bell.ring,
    setTitle: (title) => {
      if (document.title !== title) document.title = title;
    },
    setDot: (isOn) => {
      const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
      const wanted = isOn ? icon?.dataset.dotted : icon?.dataset.plain;
      if (icon && wanted && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
    },
    notify: (title, text, contactId) => {
      if (!("Notification" in window) || Notification.permission !== "granted") return;
      const notification = new Notification(title, { body: text.slice(0, 200), tag: contactId });
      notification.onclick = () => {
        window.focus();
        opened(contactId);
        notification.close();
      };
    },
  };
}
