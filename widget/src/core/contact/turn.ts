import type { Cancel, Ports } from "../ports";

/** A suspended tab keeps its lock. To go ahead without is safe: sent by two tabs, a message is still stored once. */
const PATIENCE_MS = 15_000;

/** Which of a device's tabs sends: one at a time. */
export interface Turn {
  isOwn(): boolean;
  /** Wait for the turn; a wish that was made already stands. */
  wish(): void;
  letGo(): void;
}

/** `come` is called when it is this tab's turn. */
export function createTurn({ clock, locks }: Ports, name: string, come: () => void): Turn {
  let release: Cancel | undefined;
  let isOwn = false;
  let patience = PATIENCE_MS;
  let cancelPatience: Cancel = () => {};

  function take(nextPatience: number): void {
    cancelPatience();
    patience = nextPatience;
    isOwn = true;
    come();
  }

  return {
    isOwn: () => isOwn,
    wish: () => {
      if (release) return;
      // A tab that keeps the lock for so long is not waited for again, until it is known to have let go.
      cancelPatience = clock.after(patience, () => take(0));
      release = locks.acquire(name, () => take(PATIENCE_MS));
    },
    letGo: () => {
      cancelPatience();
      release?.();
      release = undefined;
      isOwn = false;
    },
  };
}
