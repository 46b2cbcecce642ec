import type { ChatProblem } from "../api";
import type { Link } from "../connection/link";
import { createQuestion, type Question } from "../connection/question";
import type { Ports } from "../ports";
import type { Ack, CloseChatFrame, ErrorFrame, TransferChatFrame } from "../protocol";

const MAX_ATTEMPTS = 5;

interface Pending {
  readonly question: Question;
  settle(problem?: ChatProblem): void;
}

/** What is asked of a contact and is no message: sent again with the same id until it is answered. */
export interface Commands {
  /** Reject with a `ChatProblem`. */
  close(): Promise<void>;
  transfer(toSellerId: string): Promise<void>;
  acknowledged(ack: Ack): void;
  refused(error: ErrorFrame): void;
  /** A new connection: send again what was not answered. */
  up(): void;
  stop(): void;
}

export interface CommandsOptions {
  readonly contactId: string;
  readonly cursor: () => number;
  /** One was carried out. */
  readonly done: () => void;
}

export function createCommands(ports: Ports, link: Link, { contactId, cursor, done }: CommandsOptions): Commands {
  const pending = new Map<string | undefined, Pending>();

  function run(frame: CloseChatFrame | TransferChatFrame): Promise<void> {
    const { action } = frame;
    const unanswered: ChatProblem = { code: "unanswered", reason: `${action} was not answered. Try again.` };
    pending.get(action)?.settle(unanswered);
    return new Promise((resolve, reject) => {
      let attempts = 0;
      const question = createQuestion(ports, link, () => {
        if (attempts++ < MAX_ATTEMPTS) return frame;
        settle(unanswered);
        return undefined;
      });
      const settle = (problem?: ChatProblem) => {
        question.stop();
        pending.delete(action);
        if (problem) reject(problem);
        else resolve();
      };
      pending.set(action, { question, settle });
      question.ask();
      if (!question.isOpen()) settle(unanswered);
    });
  }

  /** What names a command once and for all, however often it is repeated. */
  function named() {
    return { contact_id: contactId, id: ports.random.uuid(), base: cursor() };
  }

  return {
    close: () => run({ action: "closeChat", ...named() }),
    transfer: (to) => run({ action: "transferChat", to, ...named() }),
    acknowledged: ({ of }) => {
      // Not by id: closing what is closed is acknowledged with the id of the entry that closed it.
      const command = pending.get(of);
      command?.settle();
      if (command) done();
    },
    refused: (error) => {
      const command = pending.get(error.of);
      if (command && !command.question.refused(error)) command.settle({ code: error.code, reason: error.reason });
    },
    up: () => {
      for (const { question } of pending.values()) question.ask();
    },
    stop: () => {
      for (const { settle } of pending.values()) settle({ code: "unanswered", reason: "The chat was left." });
    },
  };
}
