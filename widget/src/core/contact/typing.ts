import type { Cancel, Clock } from "../ports";
import type { Receipts } from "./receipts";

const SEND_EVERY_MS = 10_000;
const PAUSE_MS = 5_000;
const SHOW_FOR_MS = 15_000;

/** That one writes: told when it begins, rarely while it goes on, and when it stops without a message. */
export interface Typing {
  /** One pressed a key. */
  pressed(): void;
  /** A message went out, or nothing will: what was told needs no taking back, and the next key is told at once. */
  sent(): void;
  heard(isTyping: boolean): void;
  isPeerTyping(): boolean;
}

export function createTyping(contactId: string, receipts: Receipts, clock: Clock, changed: () => void): Typing {
  let toldAt = 0;
  let cancelExpiry: Cancel | undefined;
  let cancelPause: Cancel = () => {};

  function tell(typing: boolean): void {
    toldAt = typing ? clock.now() : 0;
    receipts.carry({ action: "typing", contact_id: contactId, typing });
  }

  function heard(isTyping: boolean): void {
    const was = cancelExpiry !== undefined;
    cancelExpiry?.();
    cancelExpiry = isTyping ? clock.after(SHOW_FOR_MS, () => heard(false)) : undefined;
    if (was !== isTyping) changed();
  }

  return {
    pressed: () => {
      cancelPause();
      cancelPause = clock.after(PAUSE_MS, () => tell(false));
      if (clock.now() - toldAt >= SEND_EVERY_MS) tell(true);
    },
    sent: () => {
      cancelPause();
      toldAt = 0;
    },
    heard,
    isPeerTyping: () => cancelExpiry !== undefined,
  };
}
