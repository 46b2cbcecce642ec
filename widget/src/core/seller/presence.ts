import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import { ANSWER_TIMEOUT_MS } from "../connection/timing";
import type { Cancel, Ports } from "../ports";
import type { ErrorFrame, PresenceSet, PresenceStatus } from "../protocol";

/** The server believes a seller for 150 seconds (docs/protocol.md, "Waiting, and being there"). */
const BEAT_MS = 70_000;
/** What is sent anyway, every minute, is a beat, too, unless there was one so lately. */
const LATELY_MS = 30_000;
/** Frames may be handled out of order: for so long an answer that contradicts is an earlier one. */
const INSIST_MS = ANSWER_TIMEOUT_MS;

/** Whether a seller is there: said until it is answered; what they are is the server's to tell, for all their devices. */
export interface Presence {
  /** As the server confirmed it. */
  status(): PresenceStatus | undefined;
  /** False when it will have to wait for a connection. */
  say(status: PresenceStatus): boolean;
  /** Said by the seller in another tab of this device, which tells the server. */
  heard(status: PresenceStatus): void;
  /** There is a new connection. */
  up(): void;
  down(): void;
  /**
   * True if it is time for a sign of life, which goes with something else or, some seconds later, by itself. It is under way then:
   * who asks next gets a no for a while.
   */
  claimBeat(): boolean;
  /** An answer, or what was said on another device. */
  answered(answer: PresenceSet): void;
  /** True if it will be said again; false if the error is an answer. */
  refused(error: ErrorFrame): boolean;
}

interface Word {
  readonly status: PresenceStatus;
  readonly saidAt: number;
  isConfirmed: boolean;
}

export function createPresence(ports: Ports, link: Link): Presence {
  const { clock } = ports;
  let word: Word | undefined;
  let confirmed: PresenceStatus | undefined;
  let heardAt = 0;
  let claimedAt = Number.NEGATIVE_INFINITY;
  let cancelBeat: Cancel = () => {};
  const question = createQuestion(ports, link, () => ({
    action: "presence",
    ...(isInsisting() && word && { status: word.status }),
  }));

  function isInsisting(): boolean {
    return word !== undefined && (!word.isConfirmed || clock.now() - word.saidAt < INSIST_MS);
  }

  function beat(): void {
    beatLater();
    if (hasToBeat()) question.ask();
  }

  /** Who has said that they are offline has nothing to keep true. */
  function hasToBeat(): boolean {
    return confirmed !== "offline" || isInsisting();
  }

  function beatLater(): void {
    cancelBeat();
    cancelBeat = clock.after(BEAT_MS, beat);
  }

  return {
    status: () => confirmed,
    say: (status) => {
      word = { status, saidAt: clock.now(), isConfirmed: false };
      question.ask();
      return question.isOpen();
    },
    heard: (status) => {
      word = undefined;
      confirmed = status;
    },
    up: () => {
      heardAt = clock.now();
      beatLater();
      question.ask();
    },
    down: () => {
      cancelBeat();
      question.stop();
    },
    claimBeat: () => {
      const now = clock.now();
      if (!hasToBeat() || now - Math.max(heardAt, claimedAt) < LATELY_MS) return false;
      claimedAt = now;
      return true;
    },
    answered: ({ status }) => {
      heardAt = clock.now();
      beatLater();
      // What was confirmed a moment ago is not undone by an earlier answer, which is asked about.
      if (!isInsisting() || status === word?.status || !word?.isConfirmed) confirmed = status;
      if (!isInsisting() || status === word?.status) {
        if (word) word.isConfirmed = true;
        question.answered();
      } else if (!question.isOpen()) question.ask();
    },
    refused: question.refused,
  };
}
