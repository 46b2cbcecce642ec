import type { ConversationView, Snooze, Snoozing } from "../api";
import type { Link } from "../connection/link";
import { createRequests } from "../connection/requests";
import { createTurns } from "../connection/turns";
import type { Conversation } from "../contact/conversation";
import type { Cancel, Ports } from "../ports";
import type { Entry, InboxListed, ListedSnooze, ServerFrame, Snoozed, SnoozeFrame } from "../protocol";
import { createTold } from "./asking";

/** How often the clock is looked at while something is away: a device that slept wakes with timers that are late. */
const LOOK_MS = 30_000;

/** What the seller has put away, as the lists and the answers told last. */
export interface Snoozes extends Snoozing {
  all(): ReadonlyMap<string, Snooze>;
  /** Whether the frame is for this; a list is for others, too. */
  receive(frame: ServerFrame): boolean;
  /** There is a new connection: what the last one took along is asked for again, and stored once. */
  up(): void;
  destroy(): void;
}

export interface SnoozesOptions {
  /** What is known of a contact. */
  readonly conversation: (contactId: string) => Conversation | undefined;
  /** Since when what a list tells may be so. */
  readonly since: (list: InboxListed) => number;
  readonly changed: () => void;
}

export function createSnoozes(ports: Ports, link: Link, { conversation, since, changed }: SnoozesOptions): Snoozes {
  const requests = createRequests(ports, link);
  const inTurn = createTurns();
  const known = new Map<string, ListedSnooze>();
  const lately = createTold(ports.clock);
  let wanted: SnoozeFrame | undefined;
  let cancelLook: Cancel | undefined;

  /** One after the other: of each action there is one question at a time. */
  function ask(frame: SnoozeFrame): Promise<boolean> {
    return inTurn(() => {
      wanted = frame;
      return requests.run<boolean>(frame);
    });
  }

  /** What is back is so by this device's clock; nobody tells. */
  function look(): void {
    cancelLook?.();
    const left = [...known.values()].map(({ until }) => Date.parse(until) - ports.clock.now()).filter((ms) => ms > 0);
    if (left.length === 0) return;
    cancelLook = ports.clock.after(Math.min(LOOK_MS, ...left), () => {
      look();
      changed();
    });
  }

  function take(contactId: string, snooze: ListedSnooze | undefined): void {
    if (snooze) known.set(contactId, snooze);
    else known.delete(contactId);
  }

  function listed(list: InboxListed): void {
    if (list.status !== "open") return;
    for (const { contact_id, line, tail, snooze } of list.contacts) {
      // A list with neither tells of no snooze.
      const isTold = line || tail !== undefined;
      if (isTold && !lately.isAfter(contact_id, since(list))) take(contact_id, snooze);
    }
    look();
  }

  function told({ contact_id, until, seq }: Snoozed): void {
    lately.note(contact_id);
    const before = known.get(contact_id)?.until;
    take(contact_id, until === undefined || seq === undefined ? undefined : { until, seq });
    look();
    if (wanted?.contact_id !== contact_id) return;
    // What another device changed answers nothing; what is as it was says that it stays so.
    const isAnswer = wanted.until ? [wanted.until, undefined, before].includes(until) : until !== wanted.ends;
    if (isAnswer) requests.answered("snooze", until !== undefined);
  }

  return {
    all: () => {
      const now = ports.clock.now();
      const lasting = [...known].filter(([contactId, { seq }]) => !isOver(conversation(contactId)?.view(), seq));
      return new Map(
        lasting.map(([contactId, { until }]) => [
          contactId,
          { until: Date.parse(until), isBack: Date.parse(until) <= now },
        ]),
      );
    },
    putAway: (contact_id, until) => {
      const base = conversation(contact_id)?.destination()?.cursor;
      const id = ports.random.uuid();
      return ask({
        action: "snooze",
        contact_id,
        until: new Date(until).toISOString(),
        id,
        ...(base !== undefined && { base }),
      });
    },
    fetchBack: async (contact_id) => {
      const ends = known.get(contact_id)?.until;
      if (ends !== undefined) await ask({ action: "snooze", contact_id, ends });
    },
    receive: (frame) => {
      if (frame.action === "inbox") listed(frame);
      if (frame.action === "error" && frame.of === "snooze") requests.refused(frame);
      else if (frame.action !== "snooze") return false;
      else told(frame);
      return true;
    },
    up: requests.up,
    destroy: () => cancelLook?.(),
  };
}

/** Whether something happened behind `seq` that ends a snooze; no frame tells of that. */
function isOver(view: ConversationView | undefined, seq: number): boolean {
  if (!view?.loaded) return false;
  if (view.status !== "open") return true;
  for (let at = view.items.length - 1; at >= 0; at--) {
    const item = view.items[at];
    if (!item || item.kind === "break") continue;
    if (item.seq <= seq) return false;
    if (brings(item, view.ownName)) return true;
  }
  return false;
}

/** Whether an entry brings a contact back: neither what its seller writes nor what the visitor looks at. */
function brings({ kind, from }: Entry, ownName: string): boolean {
  return kind === "message" ? from !== ownName : kind !== "identified";
}
