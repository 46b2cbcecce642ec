import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Ports } from "../ports";
import type { Ack, Colleague, ErrorFrame, ServerFrame, TeamListed, TeamOutlook } from "../protocol";

/** Who else is in the seller's team, as the server told last. */
export interface Team {
  /** And the teams of the shop. */
  known(): { readonly team: readonly Colleague[]; readonly teams: readonly TeamOutlook[] };
  /** What came of a hand-over: who answers now, or that the contact waits for a team. */
  handedOver(contactId: string): Ack | undefined;
  /** It is for others, too: false. */
  receive(frame: ServerFrame): boolean;
  refresh(): void;
  answered(frame: TeamListed): void;
  /** A seller who is in no team works without one: that is no failure. */
  refused(error: ErrorFrame): void;
  stop(): void;
}

export function createTeam(ports: Ports, link: Link): Team {
  const question = createQuestion(ports, link, () => ({ action: "team" }));
  let team: readonly Colleague[] = [];
  let teams: readonly TeamOutlook[] = [];
  const handOvers = new Map<string, Ack>();
  return {
    handedOver: (contactId) => handOvers.get(contactId),
    receive: (frame) => {
      if (frame.action === "ack" && frame.of === "transferChat") handOvers.set(frame.contact_id, frame);
      return false;
    },
    known: () => ({ team, teams }),
    refresh: question.ask,
    answered: (frame) => {
      team = frame.sellers;
      // A function of the release before tells none.
      teams = frame.teams ?? [];
      question.answered();
    },
    refused: question.refused,
    stop: question.stop,
  };
}
