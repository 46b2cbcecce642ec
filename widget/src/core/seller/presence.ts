import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Cancel, Ports } from "../ports";
import type { ErrorFrame, PresenceSet, PresenceStatus } from "../protocol";

/** The server believes a seller for 150 seconds (docs/protocol.md, "Waiting, and being there"). */
const BEAT_MS = 60_000;

/** Whether a seller is there: said until it is answered, and for as long as he is online, every minute again. */
export interface Presence {
  /** As the server confirmed it. */
  status(): PresenceStatus | undefined;
  /** False when it will have to wait for a connection. */
  say(status: PresenceStatus): boolean;
  /** There is a new connection. */
  up(): void;
  down(): void;
  /** The computer may have slept through a beat. */
  wake(): void;
  answered(answer: PresenceSet): void;
  /** True if it will be said again; false if the error is an answer. */
  refused(error: ErrorFrame): boolean;
}

export function createPresence(ports: Ports, link: Link): Presence {
  let wanted: PresenceStatus | undefined;
  let confirmed: PresenceStatus | undefined;
  let isUp = false;
  let cancelBeat: Cancel = () => {};
  const question = createQuestion(ports, link, () => wanted && { action: "presence", status: wanted });

  function beat(): void {
    beatLater();
    // Only "online" goes stale. To repeat the others would contradict a second device on which the seller is online.
    if (wanted === "online") question.ask();
  }

  function beatLater(): void {
    cancelBeat();
    cancelBeat = ports.clock.after(BEAT_MS, beat);
  }

  return {
    status: () => confirmed,
    say: (status) => {
      wanted = status;
      question.ask();
      return question.isOpen();
    },
    up: () => {
      isUp = true;
      beatLater();
      question.ask();
    },
    down: () => {
      isUp = false;
      cancelBeat();
      question.stop();
    },
    wake: () => {
      if (isUp) beat();
    },
    answered: ({ status }) => {
      confirmed = status;
      if (status === wanted) question.answered();
      // Frames may be handled out of order: an earlier word that came last is not to stay.
      else if (!question.isOpen()) question.ask();
    },
    refused: question.refused,
  };
}
