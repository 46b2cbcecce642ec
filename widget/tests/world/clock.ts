import type { Cancel, Clock } from "../../src/core";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes only when a test says so. */
export interface FakeClock extends Clock {
  /** Run everything that is due within `milliseconds`, each at its own time, promises included. */
  advance(milliseconds: number): Promise<void>;
  /** What a timer was asked to wait at most so far; a browser's takes no more than 2 ** 31 milliseconds. */
  readonly longestWait: number;
}

export function createFakeClock(start = Date.UTC(2026, 10, 23, 10)): FakeClock {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;
  let longestWait = 0;

  function nextDue(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  return {
    now: () => now,
    get longestWait() {
      return longestWait;
    },
    after: (milliseconds, callback): Cancel => {
      longestWait = Math.max(longestWait, milliseconds);
      const timer = { at: now + Math.max(0, milliseconds), order: order++, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (milliseconds) => {
      const until = now + milliseconds;
      await settle();
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.callback();
        await settle();
      }
      now = until;
    },
  };
}

/** Let promises that are ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await undefined;
}
