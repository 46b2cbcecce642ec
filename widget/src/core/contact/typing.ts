import type { Link } from "../connection/link";
import type { Cancel, Clock } from "../ports";

const SEND_EVERY_MS = 10_000;
const PAUSE_MS = 5_000;
const SHOW_FOR_MS = 15_000;

/** That one writes: told when it begins, rarely while it goes on, and when it stops without a message. */
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
  let cancelPause: Cancel | undefined;

  function tell(isTyping: boolean): void {
    if (link.send({ action: "typing", contact_id: contactId, typing: isTyping })) toldAt = isTyping ? clock.now() : 0;
  }

  function forget(): void {
    cancelPause?.();
    toldAt = 0;
  }

  function heard(isTyping: boolean): void {
    const was = cancelExpiry !== undefined;
    cancelExpiry?.();
    cancelExpiry = isTyping ? clock.after(SHOW_FOR_MS, () => heard(false)) : undefined;
    if (was !== isTyping) changed();
  }

  return {
    pressed: () => {
      cancelPause?.();
      cancelPause = clock.after(PAUSE_MS, () => toldAt && tell(false));
      if (clock.now() - toldAt >= SEND_EVERY_MS) tell(true);
    },
    sent: forget,
    heard,
    isPeerTyping: () => cancelExpiry !== undefined,
    stop: () => {
      forget();
      heard(false);
    },
  };
}
