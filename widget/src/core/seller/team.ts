import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Ports } from "../ports";
import type { Colleague, ErrorFrame, TeamListed } from "../protocol";

/** Who else is in the seller's team, as the server told last. */
export interface Team {
  colleagues(): readonly Colleague[];
  refresh(): void;
  answered(frame: TeamListed): void;
  /** A seller who is in no team works without one: that is no failure. */
  refused(error: ErrorFrame): void;
  stop(): void;
}

export function createTeam(ports: Ports, link: Link): Team {
  const question = createQuestion(ports, link, () => ({ action: "team" }));
  let colleagues: readonly Colleague[] = [];
  return {
    colleagues: () => colleagues,
    refresh: question.ask,
    answered: ({ sellers }) => {
      colleagues = sellers;
      question.answered();
    },
    refused: question.refused,
    stop: question.stop,
  };
}
