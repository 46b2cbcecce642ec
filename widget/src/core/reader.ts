import type { Link } from "./connection";
import type { Log } from "./log";
import type { Cancel, Ports } from "./ports";
import type { ErrorFrame, Synced } from "./protocol";
import { ANSWER_TIMEOUT_MS, retryDelay } from "./retry";

/** Reads a contact's log to its end, one question at a time. */
export interface Reader {
  /** Ask for what follows the cursor; while a question is open, once more after its answer. */
  sync(): void;
  answered(page: Synced): void;
  /** True if it will be asked again; false if the answer is final. */
  refused(error: ErrorFrame): boolean;
  /** The connection is gone, and with it the answer. */
  stop(): void;
  isLoaded(): boolean;
}

export function createReader(contactId: string, log: Log, link: Link, { clock, random }: Ports): Reader {
  let asked: number | undefined;
  let busy = false;
  let askAgain = false;
  let attempts = 0;
  let loaded = false;
  let cancelTimer: Cancel = () => {};

  function ask(): void {
    stop();
    if (!link.send({ action: "sync", contact_id: contactId, after: log.cursor() })) return;
    asked = log.cursor();
    waitThen(ANSWER_TIMEOUT_MS, () => {
      link.check();
      ask();
    });
  }

  function waitThen(milliseconds: number, callback: () => void): void {
    busy = true;
    cancelTimer = clock.after(milliseconds, callback);
  }

  function stop(): void {
    cancelTimer();
    asked = undefined;
    busy = false;
    askAgain = false;
  }

  return {
    stop,
    isLoaded: () => loaded,
    sync: () => {
      if (busy) askAgain = true;
      else ask();
    },
    answered: (page) => {
      const before = asked;
      log.addPage(page, before);
      const fromTheStart = page.gap?.reason === "unknown_cursor" && page.gap.to === before;
      if (before === undefined || !(fromTheStart || page.after === before)) return;
      attempts = 0;
      const cameFurther = fromTheStart || log.cursor() !== before;
      const wanted = askAgain || (cameFurther && (page.more || log.early().length > 0));
      loaded ||= !page.more;
      stop();
      if (wanted) ask();
    },
    refused: (error) => {
      stop();
      const delay = retryDelay(error, random, ++attempts);
      if (delay !== undefined) waitThen(delay, ask);
      return delay !== undefined || error.code === "session_expired";
    },
  };
}
