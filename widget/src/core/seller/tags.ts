import type { Tagging } from "../api";
import type { Link } from "../connection/link";
import { createRequests } from "../connection/requests";
import { createTurns } from "../connection/turns";
import type { Ports } from "../ports";
import type { Entry, InboxListed, ServerFrame, TagFrame } from "../protocol";
import { createTold } from "./asking";

/** The entry that gives a contact its first seller, where one is there: nobody can have tagged it before. */
const FIRST_ASSIGNED = 2;

/** What sellers call contacts, as the lists and the answers told last. */
export interface Tags extends Tagging {
  all(): ReadonlyMap<string, readonly string[]>;
  /** Whether the frame is for this; a list is for others, too. */
  receive(frame: ServerFrame): boolean;
  up(): void;
  stop(): void;
}

export interface TagsOptions {
  readonly sellerId: string;
  /** Since when what a list tells may be so. */
  readonly since: (list: InboxListed) => number;
}

export function createTags(ports: Ports, link: Link, { sellerId, since }: TagsOptions): Tags {
  const requests = createRequests(ports, link);
  /** Up to which entry of a contact its tags are known. */
  const toldUpTo = new Map<string, number>();
  let all: ReadonlyMap<string, readonly string[]> = new Map();
  const lately = createTold(ports.clock);
  const inTurn = createTurns();
  let wanted: TagFrame | undefined;

  /** One after the other: of each action there is one question at a time. */
  function ask(frame: TagFrame): Promise<void> {
    return inTurn(() => {
      wanted = frame;
      return requests.run<void>(frame);
    });
  }

  function take(contactId: string, tags: readonly string[]): void {
    all = new Map([...all, [contactId, tags]]);
  }

  function listed(list: InboxListed): void {
    for (const { contact_id, line, tags = [] } of list.contacts) {
      // A list without lines tells of no tags either.
      const isTold = line || tags.length > 0;
      if (isTold && !lately.isAfter(contact_id, since(list))) take(contact_id, tags);
      if (line) toldUpTo.set(contact_id, line.tail);
    }
  }

  /** Who had a contact before may have tagged it, and told only the devices of their own. */
  function follow(contactId: string, entries: readonly Entry[]): void {
    const given = entries
      .filter(({ kind, seller_id }) => (kind === "transferred" || kind === "assigned") && seller_id === sellerId)
      .at(-1);
    if (!given || given.seq <= (toldUpTo.get(contactId) ?? FIRST_ASSIGNED)) return;
    toldUpTo.set(contactId, given.seq);
    read(contactId);
  }

  function read(contact_id: string): void {
    ask({ action: "tag", contact_id }).catch(() => {});
  }

  /** What another device changed answers nothing. */
  function isAnswer(contactId: string, tags: readonly string[]): boolean {
    if (!wanted || wanted.contact_id !== contactId) return false;
    const { add, remove } = wanted;
    return (add === undefined || tags.includes(add)) && (remove === undefined || !tags.includes(remove));
  }

  return {
    all: () => all,
    read,
    add: (contact_id, add) => ask({ action: "tag", contact_id, add }),
    remove: (contact_id, remove) => ask({ action: "tag", contact_id, remove }),
    receive: (frame) => {
      if (frame.action === "inbox") listed(frame);
      if (frame.action === "entry") follow(frame.contact_id, [frame.entry]);
      if (frame.action === "sync") follow(frame.contact_id, frame.entries);
      if (frame.action === "error" && frame.of === "tag") requests.refused(frame);
      else if (frame.action !== "tag") return false;
      else {
        lately.note(frame.contact_id);
        take(frame.contact_id, frame.tags);
        if (isAnswer(frame.contact_id, frame.tags)) requests.answered("tag");
      }
      return true;
    },
    up: requests.up,
    stop: () => {},
  };
}
