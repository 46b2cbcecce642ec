import type { Cancel, Ports } from "../ports";
import type { ClientFrame, ErrorFrame } from "../protocol";
import type { Link } from "./link";
import { ANSWER_TIMEOUT_MS, fullJitter } from "./timing";

/** Asks for something until it is answered. */
export interface Question {
  ask(): void;
  /** Whether an answer is awaited, or the time to ask again. */
  isOpen(): boolean;
  answered(): void;
  /** True if it will be asked again; false if the error is an answer. */
  refused(error: ErrorFrame): boolean;
  /** The connection is gone, and with it the answer. */
  stop(): void;
}

/** `frame` gives what to send, each time anew; undefined if there is nothing to ask any more. */
export function createQuestion({ clock, random }: Ports, link: Link, frame: () => ClientFrame | undefined): Question {
  let refusals = 0;
  let cancel: Cancel | undefined;

  function stop(): void {
    cancel?.();
    cancel = undefined;
  }

  function ask(): void {
    stop();
    const wanted = frame();
    if (!wanted) return;
    // Before the frame goes out: an answer may come at once.
    cancel = clock.after(ANSWER_TIMEOUT_MS, () => {
      link.check();
      ask();
    });
    if (!link.send(wanted)) stop();
  }

  return {
    ask,
    stop,
    isOpen: () => cancel !== undefined,
    answered: () => {
      refusals = 0;
      stop();
    },
    refused: ({ code, retry_after_ms = 500 }) => {
      stop();
      if (code === "try_again" || code === "slow_down") {
        cancel = clock.after(retry_after_ms + fullJitter(random, refusals++), ask);
      }
      // Where the session has expired, the next connection asks again.
      return cancel !== undefined || code === "session_expired";
    },
  };
}
