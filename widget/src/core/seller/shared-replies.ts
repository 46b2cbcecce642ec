import type { ReplySharing, SharedView } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import { createRequests } from "../connection/requests";
import { createTurns } from "../connection/turns";
import type { Ports } from "../ports";
import type { ErrorFrame, RepliesListed, ReplyShared, ServerFrame, ShareReplyFrame } from "../protocol";

/** What the seller's team shares, as it was told last. */
export interface SharedReplies extends ReplySharing {
  known(): SharedView;
  /** Whether the frame is for this. */
  receive(frame: ServerFrame): boolean;
  up(): void;
  stop(): void;
}

export function createSharedReplies(ports: Ports, link: Link): SharedReplies {
  const requests = createRequests(ports, link);
  const question = createQuestion(ports, link, () => ({ action: "replies" }));
  const inTurn = createTurns();
  let shared: SharedView = { team: undefined, version: 0, replies: [] };

  /** One after the other; what is new is added to the list as it is then. */
  function share(change: Pick<ShareReplyFrame, "id" | "name" | "text">, base?: number): Promise<void> {
    return inTurn(() => requests.run<void>({ action: "shareReply", base: base ?? shared.version, ...change }));
  }

  /** Each team counts its own versions, and a seller may be moved to another. */
  function take({ team, version, replies }: RepliesListed | ReplyShared): void {
    if (team === shared.team && version < shared.version) return;
    shared = { team, version, replies };
  }

  function refused(error: ErrorFrame): boolean {
    if (error.of === "shareReply") {
      requests.refused(error);
      // A colleague was quicker: what there is now is to be seen.
      if (error.field === "base") question.ask();
    } else if (error.of === "replies") question.refused(error);
    else return false;
    return true;
  }

  return {
    known: () => shared,
    refresh: question.ask,
    add: (name, text) => share({ id: ports.random.uuid(), name, text }),
    change: (base, reply) => share(reply, base),
    remove: (base, id) => share({ id }, base),
    receive: (frame) => {
      if (frame.action === "error") return refused(frame);
      if (frame.action !== "replies" && frame.action !== "shareReply") return false;
      take(frame);
      if (frame.action === "replies") question.answered();
      else requests.answered("shareReply");
      return true;
    },
    up: () => {
      requests.up();
      question.ask();
    },
    stop: question.stop,
  };
}
