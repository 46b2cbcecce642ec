import { SECOND_CHANCE_MS } from "../contact/conversation";
import type { Cancel, Clock } from "../ports";

/** Several entries make one move (opened, assigned): one look at the inbox does for all of them. */
const INBOX_DELAY_MS = 500;
/** A push can get lost at any time, and where nothing follows it, nothing else would tell of what it said. */
const EVERY_MS = 60_000;
/** How old what is seen of a waiting visitor's messages may be: of who waits only that they do is pushed. */
const LOOK_ON_MS = 5_000;

/** When a seller's side asks by itself, because a push may have been lost. */
export interface Rounds {
  /** There is a new connection. */
  begin(): void;
  /** Something may have been missed. */
  look(): void;
  /** Something has moved. */
  refreshSoon(): void;
  stop(): void;
}

export interface RoundsActs {
  /** Ask for the lists, and whether all that was said in the open ones is here. */
  look(): void;
  /** Ask for the lists. */
  refresh(): void;
  /** Ask for the conversation that is on screen, if its visitor waits. */
  lookOn(): void;
}

export function createRounds(clock: Clock, acts: RoundsActs): Rounds {
  let cancelRefresh: Cancel | undefined;
  let cancelRound: Cancel | undefined;
  let cancelLook: Cancel | undefined;

  function ask(act: () => void): void {
    cancelRefresh?.();
    cancelRefresh = undefined;
    act();
  }

  function lookIn(afterMs: number): void {
    cancelRound?.();
    cancelRound = clock.after(afterMs, () => {
      lookIn(EVERY_MS);
      ask(acts.look);
    });
  }

  function lookOnLater(): void {
    cancelLook?.();
    cancelLook = clock.after(LOOK_ON_MS, () => {
      lookOnLater();
      acts.lookOn();
    });
  }

  return {
    begin: () => {
      ask(acts.look);
      lookOnLater();
      lookIn(SECOND_CHANCE_MS);
    },
    look: () => ask(acts.look),
    refreshSoon: () => {
      cancelRefresh ??= clock.after(INBOX_DELAY_MS, () => ask(acts.refresh));
    },
    stop: () => {
      cancelRefresh?.();
      cancelRound?.();
      cancelLook?.();
      cancelRefresh = undefined;
    },
  };
}
