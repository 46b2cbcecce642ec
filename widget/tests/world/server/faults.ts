import type { ClientFrame, ErrorCode, ServerFrame } from "../../../src/core";

/** What befalls a network; every number is in milliseconds, every answer is asked for anew each time. */
export interface Faults {
  /** How long a frame, a request or an answer is under way; what it is where the server sends it. */
  latency(frame?: ServerFrame): number;
  /** How long a new connection is invisible to those who push. */
  lookupDelay(): number;
  /** Whether a push in the instant of connecting fails, so that the connection is struck off. */
  takesForDead(): boolean;
  mayOpen(): boolean;
  losesFrame(): boolean;
  losesReply(): boolean;
  losesPush(): boolean;
  /** An error before anything was stored, or after. */
  refuses(frame: ClientFrame): ErrorCode | undefined;
  failsAfterStoring(frame: ClientFrame): boolean;
  restWorks(): boolean;
  /** Whether the server is of a release whose lists tell of no tails, and have nothing else with them. */
  isOlder(): boolean;
}

export const NO_FAULTS: Faults = {
  latency: () => 20,
  lookupDelay: () => 0,
  takesForDead: () => false,
  mayOpen: () => true,
  losesFrame: () => false,
  losesReply: () => false,
  losesPush: () => false,
  refuses: () => undefined,
  failsAfterStoring: () => false,
  restWorks: () => true,
  isOlder: () => false,
};
