import type { ChatProblem } from "../api";
import type { Ports } from "../ports";
import type { ClientFrame, ErrorFrame } from "../protocol";
import type { Link } from "./link";
import { createQuestion, type Question } from "./question";

const MAX_ATTEMPTS = 5;

interface Pending {
  readonly question: Question;
  resolve(answer: unknown): void;
  /** Without a problem: nobody answered. */
  reject(problem?: ChatProblem): void;
}

/** What is sent again until it is answered, and somebody waits for: one of each action at a time. */
export interface Requests {
  /** Rejects with a `ChatProblem`. */
  run<Answer>(frame: ClientFrame): Promise<Answer>;
  answered(action: string, answer?: unknown): void;
  refused(error: ErrorFrame): void;
  /** A new connection: send again what was not answered. */
  up(): void;
  stop(): void;
}

export function createRequests(ports: Ports, link: Link): Requests {
  const pending = new Map<string | undefined, Pending>();

  return {
    run: (frame) => {
      const { action } = frame;
      pending.get(action)?.reject();
      return new Promise((resolve, reject) => {
        let attempts = 0;
        const end = () => {
          question.stop();
          pending.delete(action);
        };
        const request: Pending = {
          question: createQuestion(ports, link, () => {
            if (attempts++ < MAX_ATTEMPTS) return frame;
            request.reject();
            return undefined;
          }),
          resolve: (answer) => {
            end();
            resolve(answer as never);
          },
          reject: (problem = { code: "unanswered", reason: `${action} was not answered. Try again.` }) => {
            end();
            reject(problem);
          },
        };
        const { question } = request;
        pending.set(action, request);
        question.ask();
        if (!question.isOpen()) request.reject();
      });
    },
    answered: (action, answer) => pending.get(action)?.resolve(answer),
    refused: (error) => {
      const request = pending.get(error.of);
      if (request && !request.question.refused(error)) request.reject(error);
    },
    up: () => {
      for (const { question } of pending.values()) question.ask();
    },
    stop: () => {
      for (const { reject } of pending.values()) reject();
    },
  };
}
