import { SECOND_CHANCE_MS } from "../contact/conversation";
import type { Cancel, Clock } from "../ports";

/** Several entries make one move (opened, assigned): one look at the inbox does for all of them. */
const INBOX_DELAY_MS = 500;
/** A push can get lost at any time, and where nothing follows it, nothing else would tell of what it said. */
const EVERY_MS = 60_000;

/** When a seller's side asks by itself, because a push may have been lost. */
export interface Rounds {
  /** There is a new connection. */
  begin(): void;
  refresh(): void;
  /** Something has moved. */
  refreshSoon(): void;
  stop(): void;
}

export interface RoundsActs {
  /** Ask for the lists. */
  refresh(): void;
  /** Ask for one conversation, the next one each time: many cost no more than one. */
  lookAtNext(): void;
}

export function createRounds(clock: Clock, acts: RoundsActs): Rounds {
  let cancelRefresh: Cancel | undefined;
  let cancelRound: Cancel | undefined;

  function refresh(): void {
    cancelRefresh?.();
    cancelRefresh = undefined;
    acts.refresh();
  }

  function later(afterMs: number, act: () => void): void {
    cancelRound?.();
    cancelRound = clock.after(afterMs, act);
  }

  function lookAtInbox(): void {
    later(EVERY_MS, lookAround);
    refresh();
  }

  function lookAround(): void {
    lookAtInbox();
    acts.lookAtNext();
  }

  return {
    begin: () => {
      refresh();
      later(SECOND_CHANCE_MS, lookAtInbox);
    },
    refresh,
    refreshSoon: () => {
      cancelRefresh ??= clock.after(INBOX_DELAY_MS, refresh);
    },
    stop: () => {
      cancelRefresh?.();
      cancelRound?.();
      cancelRefresh = undefined;
    },
  };
}
