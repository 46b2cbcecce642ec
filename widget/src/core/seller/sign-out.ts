import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Cancel, Ports } from "../ports";
import type { ErrorFrame } from "../protocol";
import type { Presence } from "./presence";

/** A seller who signs out wants to leave; a server that is not reached by then takes them for gone by itself. */
const PATIENCE_MS = 5_000;

/** A seller's sign-out: says that they are gone, and once that is settled, that all their connections may end. */
export interface SignOut {
  begin(): void;
  isUnderWay(): boolean;
  /** Whether the seller is there is settled, as far as it can be. */
  presenceSettled(): void;
  /** An answer to `signOut`, which only a refusal has. */
  refused(error: ErrorFrame): void;
  /** The connection has ended, which is what was asked for. */
  down(): void;
  stop(): void;
}

/** `done` is called once for each `begin` that is not stopped, whatever the server did. */
export function createSignOut(ports: Ports, link: Link, presence: Presence, done: () => void): SignOut {
  let cancelPatience: Cancel | undefined;
  const question = createQuestion(ports, link, () => ({ action: "signOut" }));

  function stop(): void {
    cancelPatience?.();
    cancelPatience = undefined;
    question.stop();
  }

  function finish(): void {
    if (!cancelPatience) return;
    stop();
    done();
  }

  return {
    begin: () => {
      stop();
      cancelPatience = ports.clock.after(PATIENCE_MS, finish);
      if (!presence.say("offline")) finish();
    },
    isUnderWay: () => cancelPatience !== undefined,
    presenceSettled: question.ask,
    refused: (error) => {
      if (cancelPatience && !question.refused(error)) finish();
    },
    down: finish,
    stop,
  };
}
