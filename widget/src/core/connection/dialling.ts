import type { CredentialsReason } from "../api";
import type { Cancel, Ports } from "../ports";
import type { ServerFrame } from "../protocol";
import type { Line } from "./link";
import { createSocketLife, type Target } from "./socket-life";
import { ANSWER_TIMEOUT_MS, fullJitter } from "./timing";

const OPEN_TIMEOUT_MS = 5_000;

/** Where to connect to, asked before every socket; undefined signs out. */
export type FindTarget = (reason: CredentialsReason) => Promise<Target | undefined>;

export interface DiallingEvents {
  /** Whether a socket must carry a frame before it counts as open. */
  mustAnswer(): boolean;
  opened(line: Line): void;
  frame(frame: ServerFrame): void;
  /** A socket that had opened is gone. */
  lost(line: Line): void;
  /** None could be opened. */
  failed(): void;
  signedOut(): void;
}

/** The way to a socket: only one is opened at a time. */
export interface Dialling {
  /** Dial now, unless that is under way. */
  dial(): void;
  /** Dial after a while, a longer one each time. */
  redial(): void;
  /** How often in a row it was to be dialled again. */
  failures(): number;
  /** The network has changed: what failed before says nothing. */
  forgive(): void;
  stop(): void;
}

type Step =
  | { readonly name: "idle" }
  | { readonly name: "waiting" }
  | { readonly name: "asking" }
  | { readonly name: "first"; readonly line: Line };

const IDLE: Step = { name: "idle" };

export function createDialling(ports: Ports, find: FindTarget, events: DiallingEvents): Dialling {
  const { clock, random } = ports;
  let step = IDLE;
  let cancelStep: Cancel = () => {};
  let reason: CredentialsReason = "connect";
  let failures = 0;

  /** `act` is what follows when the step has taken so long. */
  function enter(next: Step, milliseconds: number, act: () => void): void {
    rest();
    step = next;
    cancelStep = clock.after(milliseconds, act);
  }

  function rest(): void {
    cancelStep();
    step = IDLE;
  }

  const isUnderWay = () => step.name === "asking" || step.name === "first";

  function dial(): void {
    if (isUnderWay()) return;
    const asking: Step = { name: "asking" };
    // The page that is asked may never answer.
    enter(asking, ANSWER_TIMEOUT_MS, failed);
    find(reason).then(
      (target) => {
        if (step !== asking) return;
        if (target) open(target);
        else events.signedOut();
      },
      () => step === asking && failed(),
    );
  }

  function open(target: Target): void {
    const line: Line = createSocketLife(ports, target, {
      mustAnswer: events.mustAnswer,
      opened: () => {
        rest();
        reason = "connect";
        events.opened(line);
      },
      settled: () => {
        failures = 0;
      },
      due: dial,
      frame: events.frame,
      expired: () => {
        reason = "expired";
      },
      lost: () => (step === opening ? failed() : events.lost(line)),
    });
    const opening: Step = { name: "first", line };
    enter(opening, OPEN_TIMEOUT_MS, () => {
      line.close();
      failed();
    });
  }

  function failed(): void {
    rest();
    if (reason === "connect") reason = "refused";
    events.failed();
  }

  return {
    dial,
    redial: () => {
      if (!isUnderWay()) enter({ name: "waiting" }, fullJitter(random, failures++), dial);
    },
    failures: () => failures,
    forgive: () => {
      failures = 0;
    },
    stop: () => {
      if (step.name === "first") step.line.close();
      rest();
    },
  };
}
