import type { Clock } from "../core";

const LONG_WAIT_MS = 90_000;

/** Whether somebody has waited for longer than one waits for a free hand. */
export interface Waiting {
  isLong(): boolean;
  follow(isWaiting: boolean): void;
}

export function watchWaiting(clock: Clock, changed: () => void): Waiting {
  let since: number | undefined;
  let cancel = () => {};
  return {
    isLong: () => since !== undefined && clock.now() - since >= LONG_WAIT_MS,
    follow: (isWaiting) => {
      if (isWaiting === (since !== undefined)) return;
      cancel();
      since = isWaiting ? clock.now() : undefined;
      if (isWaiting) cancel = clock.after(LONG_WAIT_MS, changed);
    },
  };
}
