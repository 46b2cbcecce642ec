import type { Blocking } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import { createRequests } from "../connection/requests";
import type { Ports } from "../ports";
import type { Block, BlocksListed, BlockVisitorFrame, ErrorFrame, ServerFrame, UnblockVisitorFrame } from "../protocol";
import { createAsking } from "./asking";

/** More than anybody looks through. */
const MOST_LISTED = 1_000;

/** Which visitors are blocked in the shop, as the server told last. */
export interface Blocks extends Blocking {
  all(): readonly Block[];
  /** Whether the frame is for this. */
  receive(frame: ServerFrame): boolean;
  up(): void;
  stop(): void;
}

export function createBlocks(ports: Ports, link: Link): Blocks {
  const requests = createRequests(ports, link);
  let blocks: ReadonlyMap<string, Block> = new Map();
  let next: string | undefined;
  // The list comes from an index that lags behind what was just lifted.
  const lifted = new Map<string, string>();
  const isLifted = (block: Block): boolean => lifted.get(block.visitor) === block.since;
  let changedAt = Number.NEGATIVE_INFINITY;
  const asking = createAsking(ports.clock);
  const question = createQuestion(ports, link, () => {
    asking.asks();
    return { action: "blocks", ...(next && { after: next }) };
  });

  function refresh(): void {
    next = undefined;
    question.ask();
  }

  function listed(frame: BlocksListed): void {
    const isOlder = asking.since() < changedAt;
    asking.answered();
    // The same page may come twice, where its first answer was late; and a late one does not know of the newest.
    const known = next || isOlder ? blocks.values() : [];
    const standing = [...known, ...frame.blocks].filter((block) => !isLifted(block));
    blocks = new Map(standing.map((block) => [block.visitor, block]));
    next = blocks.size < MOST_LISTED ? frame.next : undefined;
    question.answered();
    if (next) question.ask();
  }

  async function change<Answer>(frame: BlockVisitorFrame | UnblockVisitorFrame): Promise<Answer> {
    const answer = await requests.run<Answer>(frame);
    changedAt = ports.clock.now();
    refresh();
    return answer;
  }

  async function unblock(visitor: string): Promise<void> {
    const block = blocks.get(visitor);
    if (block) lifted.set(visitor, block.since);
    try {
      await change<unknown>({ action: "unblockVisitor", visitor, ...(block && { since: block.since }) });
    } catch (problem) {
      lifted.delete(visitor);
      throw problem;
    }
  }

  function refused(error: ErrorFrame): boolean {
    if (error.of === "blocks") question.refused(error);
    else if (error.of === "blockVisitor" || error.of === "unblockVisitor") requests.refused(error);
    else return false;
    return true;
  }

  return {
    all: () => [...blocks.values()],
    refresh,
    block: (contact_id, minutes, reason) =>
      change({ action: "blockVisitor", contact_id, minutes, reason, id: ports.random.uuid() }),
    unblock,
    receive: (frame) => {
      if (frame.action === "error") return refused(frame);
      if (frame.action === "blocks") listed(frame);
      else if (frame.action !== "blockVisitor" && frame.action !== "unblockVisitor") return false;
      else requests.answered(frame.action, frame);
      return true;
    },
    up: requests.up,
    stop: () => {
      question.stop();
      asking.stop();
    },
  };
}
