import type { Block, ClientFrame, ServerFrame } from "../../../src/core";
import type { FakeClock } from "../clock";
import type { Person } from "./connections";
import type { Contact } from "./contacts";

/** Who is blocked. */
export interface Blocks {
  /** By device. */
  readonly all: Map<string, Block>;
  holdsFor(person: Person): boolean;
  begin(contact: Contact, by: Person, frame: Extract<ClientFrame, { action: "blockVisitor" }>): ServerFrame;
  lift(visitor: string, since: string | undefined): ServerFrame;
  listed(): ServerFrame;
}

export function createBlocks(clock: FakeClock): Blocks {
  const all = new Map<string, Block>();
  /** Of whoever was blocked once, in the order in which they were. */
  const references = new Set<string>();

  const isOver = ({ until }: Block) => clock.now() >= Date.parse(until);

  return {
    all,
    holdsFor: ({ userId }) => {
      const block = all.get(userId);
      return block !== undefined && !isOver(block);
    },
    begin: ({ id, visitor: device }, { userId }, { reason, minutes }) => {
      references.add(device);
      const visitor = `v-${[...references].indexOf(device).toString(16).padStart(32, "0")}`;
      const since = new Date(clock.now()).toISOString();
      const until = new Date(clock.now() + minutes * 60_000).toISOString();
      all.delete(device);
      all.set(device, { visitor, contact_id: id, seller_id: userId, reason, since, until });
      return { action: "blockVisitor", contact_id: id, visitor, until };
    },
    lift: (visitor, since) => {
      for (const [device, block] of all)
        if (block.visitor === visitor && (since ?? block.since) === block.since) all.delete(device);
      return { action: "unblockVisitor", visitor };
    },
    listed: () => ({ action: "blocks", blocks: [...all.values()].filter((each) => !isOver(each)).reverse() }),
  };
}
