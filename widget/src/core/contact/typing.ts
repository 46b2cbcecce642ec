import type { Link } from "../connection/link";
import type { Cancel, Clock } from "../ports";

const SEND_EVERY_MS = 3_000;
const SHOW_FOR_MS = 5_000;

/** That one writes, told at most every three seconds; and that the other side does, believed for five. */
export interface Typing {
  /** One pressed a key. */
  pressed(): void;
  /** One's message went out: the next key is told at once. */
  sent(): void;
  heard(isTyping: boolean): void;
  isPeerTyping(): boolean;
  stop(): void;
}

export function createTyping(contactId: string, link: Link, clock: Clock, changed: () => void): Typing {
  let toldAt = 0;
  let cancelExpiry: Cancel | undefined;

  function heard(isTyping: boolean): void {
    const was = cancelExpiry !== undefined;
    cancelExpiry?.();
    cancelExpiry = isTyping ? clock.after(SHOW_FOR_MS, () => heard(false)) : undefined;
    if (was !== isTyping) changed();
  }

  return {
    pressed: () => {
      const now = clock.now();
      if (now - toldAt < SEND_EVERY_MS) return;
      if (link.send({ action: "typing", contact_id: contactId, typing: true })) toldAt = now;
    },
    sent: () => {
      toldAt = 0;
    },
    heard,
    isPeerTyping: () => cancelExpiry !== undefined,
    stop: () => heard(false),
  };
}
