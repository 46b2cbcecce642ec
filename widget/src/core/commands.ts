import type { ChatProblem } from "./api";
import type { Link } from "./connection";
import type { Cancel, Ports } from "./ports";
import type { Ack, CloseChatFrame, ErrorFrame, TransferChatFrame } from "./protocol";
import { ANSWER_TIMEOUT_MS, retryDelay } from "./retry";

const MAX_ATTEMPTS = 5;

type Command = CloseChatFrame | TransferChatFrame;

interface Pending {
  readonly frame: Command;
  readonly resolve: () => void;
  readonly reject: (problem: ChatProblem) => void;
  attempts: number;
  cancel: Cancel;
}

/** What is asked of a contact and is no message: sent again with the same id until it is answered. */
export interface Commands {
  /** Rejects with a `ChatProblem`. */
  run(frame: Command): Promise<void>;
  acknowledged(ack: Ack): void;
  refused(error: ErrorFrame): void;
  /** A new connection: send again what was not answered. */
  up(): void;
  stop(): void;
}

export function createCommands({ clock, random }: Ports, link: Link, done: () => void): Commands {
  const pending = new Map<string, Pending>();

  function attempt(command: Pending): void {
    command.cancel();
    if (command.attempts++ >= MAX_ATTEMPTS) {
      giveUp(command, unanswered(command.frame));
      return;
    }
    link.send(command.frame);
    command.cancel = clock.after(ANSWER_TIMEOUT_MS, () => {
      link.check();
      attempt(command);
    });
  }

  function finish(command: Pending): void {
    command.cancel();
    pending.delete(command.frame.action);
  }

  function giveUp(command: Pending, problem: ChatProblem): void {
    finish(command);
    command.reject(problem);
  }

  return {
    run: (frame) =>
      new Promise((resolve, reject) => {
        const previous = pending.get(frame.action);
        if (previous) giveUp(previous, unanswered(previous.frame));
        const command = { frame, resolve, reject, attempts: 0, cancel: () => {} };
        pending.set(frame.action, command);
        attempt(command);
      }),
    acknowledged: ({ of }) => {
      // Not by id: closing what is closed is acknowledged with the id of the entry that closed it.
      const command = pending.get(of);
      if (!command) return;
      finish(command);
      command.resolve();
      done();
    },
    refused: (error) => {
      const command = pending.get(error.of ?? "");
      if (!command || error.code === "session_expired") return;
      const delay = retryDelay(error, random, command.attempts);
      command.cancel();
      if (delay === undefined) giveUp(command, { code: error.code, reason: error.reason });
      else command.cancel = clock.after(delay, () => attempt(command));
    },
    up: () => [...pending.values()].forEach(attempt),
    stop: () => {
      for (const command of [...pending.values()]) giveUp(command, unanswered(command.frame));
    },
  };
}

function unanswered({ action }: Command): ChatProblem {
  return { code: "unanswered", reason: `${action} was not answered. Try again.` };
}
