import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Ports } from "../ports";
import type { ErrorFrame, Synced } from "../protocol";
import type { Log } from "./log";

/** Reads a contact's log to its end, one question at a time. */
export interface Reader {
  /** Ask for what follows the cursor; while a question is open, once more after its answer. */
  sync(): void;
  /** There is a new connection; it is announced, unless something else does that. */
  up(announce: boolean): void;
  answered(page: Synced): void;
  /** True if it will be asked again; false if the answer is final. */
  refused(error: ErrorFrame): boolean;
  stop(): void;
  isLoaded(): boolean;
}

export function createReader(contactId: string, log: Log, link: Link, ports: Ports): Reader {
  let asked: number | undefined;
  let askAgain = false;
  let loaded = false;
  let isAnnounced = true;
  const question = createQuestion(ports, link, () => {
    askAgain = false;
    asked = log.cursor();
    return { action: "sync", contact_id: contactId, after: asked, ...(!isAnnounced && { announce: true }) };
  });

  return {
    isLoaded: () => loaded,
    sync: () => {
      askAgain = question.isOpen();
      if (!askAgain) question.ask();
    },
    up: (announce) => {
      isAnnounced = !announce;
      question.ask();
    },
    answered: (page) => {
      // What was not asked for is an answer, too, where it goes on from here.
      const before = question.isOpen() ? asked : log.cursor();
      log.addPage(page, before);
      const fromTheStart = page.gap?.reason === "unknown_cursor" && page.gap.to === before;
      if (!fromTheStart && page.after !== before) return;
      question.answered();
      isAnnounced = true;
      loaded ||= !page.more;
      const cameFurther = fromTheStart || log.cursor() !== before;
      if (askAgain || (cameFurther && (page.more || log.early().length > 0))) question.ask();
    },
    refused: question.refused,
    stop: question.stop,
  };
}
