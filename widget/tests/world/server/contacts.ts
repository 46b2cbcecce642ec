import type {
  ClientFrame,
  ContactStatus,
  Entry,
  InboxContact,
  InboxFrame,
  InboxListed,
  Marks,
  Role,
  ServerFrame,
  TeamOutlook,
} from "../../../src/core";
import type { FakeClock } from "../clock";
import type { Connection, Person } from "./connections";
import { type Contact, newContact } from "./contact";
import { ackOf, type Commanding, errorOf, messageOf } from "./frames";
import { lineOf } from "./lines";
import { listedSnooze } from "./snoozes";

export type { Contact };

export const TEAM = "support";
const PAGE = 5;
const INBOX_PAGE = 100;

type Transfer = Extract<ClientFrame, { action: "transferChat" }>;
export type NewEntry = Omit<Entry, "seq" | "timestamp">;

/** The logs of contacts, and telling those who take part. */
export interface Contacts {
  readonly all: Map<string, Contact>;
  get(id: string): Contact;
  append(contactId: string, fields: NewEntry, own?: Connection, by?: Role): Entry;
  /** The one that is not closed. */
  current(visitor: string, requested: string): Contact | undefined;
  start(person: Person, sellerId: string, userInfo: Entry["user_info"]): ServerFrame;
  send(
    found: Contact,
    person: Person,
    frame: Extract<ClientFrame, { action: "sendMessage" }>,
    own?: Connection,
  ): ServerFrame;
  identify(
    found: Contact,
    person: Person,
    frame: Extract<ClientFrame, { action: "identify" }>,
    own?: Connection,
  ): ServerFrame;
  /** Close or hand over. */
  move(found: Contact, frame: Commanding, entry: NewEntry, own?: Connection): ServerFrame;
  /** To a seller, to somebody of a team, or into its queue. */
  handOver(found: Contact, frame: Transfer, from: string, teams: readonly TeamOutlook[], own?: Connection): ServerFrame;
  take(found: Contact, person: Person, frame: Commanding, own?: Connection): ServerFrame;
  raise(found: Contact, person: Person, marks: Marks, own?: Connection): void;
  /** To the other side, with marks that have risen. */
  type(found: Contact, person: Person, frame: Extract<ClientFrame, { action: "typing" }>, own?: Connection): void;
}

export interface Surroundings {
  /** Whether a message opens a closed contact again. */
  reopens(): boolean;
  /** How many entries may follow a message's base. */
  farthest(): number;
  /** Whether a contact waits for that seller. */
  mustWaitFor(sellerId: string): boolean;
  connections(): readonly Connection[];
  push(connection: Connection, frame: ServerFrame): void;
}

export function createContacts(clock: FakeClock, surroundings: Surroundings): Contacts {
  const all = new Map<string, Contact>();

  function get(id: string): Contact {
    const found = all.get(id);
    if (!found) throw new Error(`There is no contact ${id}.`);
    return found;
  }

  function write(found: Contact, fields: NewEntry): Entry {
    const entry: Entry = { seq: found.log.length + 1, timestamp: new Date(clock.now()).toISOString(), ...fields };
    found.log.push(entry);
    stand(found, entry);
    return entry;
  }

  /** `first` was written with it, and nobody was told. */
  function append(contactId: string, fields: NewEntry, own?: Connection, by?: Role, first?: Entry): Entry {
    const found = get(contactId);
    const before = found.status;
    const entry = write(found, fields);
    if (entry.kind === "queued" || (before === "queued" && found.status !== "queued" && entry.seq > 2)) tellTeam(found);
    const sender = by ?? (fields.from === `visitor-${contactId}` ? "visitor" : "seller");
    for (const connection of participants(found, own)) {
      const isMessage = entry.kind === "message" && connection.role !== sender;
      const told = { action: "entry" as const, contact_id: contactId, entry, ...(first && { before: [first] }) };
      surroundings.push(connection, isMessage ? messageOf(contactId, entry) : told);
    }
    return entry;
  }

  function tellTeam(found: Contact): void {
    const frame = { action: "waiting" as const, ...listingOf(found), seq: found.log.length };
    for (const each of surroundings.connections()) {
      if (each.isListed && each.role === "seller" && isAsked(found, each.userId)) surroundings.push(each, frame);
    }
  }

  function start(person: Person, sellerId: string, userInfo: Entry["user_info"]): ServerFrame {
    const found = current(person.userId, sellerId) ?? open(person.userId, sellerId, userInfo);
    return {
      action: "InitChat",
      contact_id: found.id,
      message: "Chat initialized successfully",
      device_id: found.visitor,
      seller_id: found.seller ?? sellerId,
      alias: `visitor-${found.id}`,
      status: found.status,
      seq: found.log.length,
    };
  }

  function current(visitor: string, requested: string): Contact | undefined {
    return [...all.values()].find(
      (each) =>
        each.visitor === visitor &&
        each.requested === requested &&
        each.status !== "closed" &&
        each.expired < each.log.length,
    );
  }

  function open(visitor: string, requested: string, userInfo: Entry["user_info"]): Contact {
    const id = `c${all.size + 1}`;
    const waits = surroundings.mustWaitFor(requested);
    // Who is given it is told of both entries.
    const seller = waits ? undefined : requested;
    const found = newContact(id, visitor, requested, { seller, status: "queued" });
    all.set(id, found);
    const details = userInfo && { user_info: userInfo };
    const first = write(found, { kind: "opened", from: `visitor-${id}`, id: "open.opened", ...details });
    const given: NewEntry = { kind: "assigned", from: "system", id: "open", seller_id: requested };
    append(id, waits ? { kind: "queued", from: "system", id: "open" } : given, undefined, undefined, first);
    return found;
  }

  function send(
    found: Contact,
    person: Person,
    frame: Extract<ClientFrame, { action: "sendMessage" }>,
    own?: Connection,
  ): ServerFrame {
    if (found.log.length - frame.base > surroundings.farthest()) {
      return { ...errorOf(frame, "bad_field"), field: "base" };
    }
    const from = nameIn(found, person);
    const base = Math.min(frame.base, found.log.length);
    const before = found.log.find((entry) => entry.seq >= base && entry.id === frame.id && entry.from === from);
    if (!before && found.status === "closed") {
      if (!surroundings.reopens()) return errorOf(frame, "contact_closed");
      append(found.id, { kind: "reopened", from: "system" }, own);
    }
    const fields = { kind: "message" as const, from, id: frame.id, message: frame.message };
    return ackOf(frame, found.id, before ?? append(found.id, fields, own, person.role));
  }

  function identify(
    found: Contact,
    person: Person,
    frame: Extract<ClientFrame, { action: "identify" }>,
    own?: Connection,
  ): ServerFrame {
    if (person.role !== "visitor") return errorOf(frame, "forbidden");
    if (found.status === "closed") return errorOf(frame, "contact_closed");
    const { id, userInfo: user_info } = frame;
    return move(found, frame, { kind: "identified", from: nameIn(found, person), id, user_info }, own);
  }

  function move(found: Contact, frame: Commanding, entry: NewEntry, own?: Connection): ServerFrame {
    const newest = found.log.at(-1);
    const isRepeat = found.status === "closed" && newest !== undefined;
    return ackOf(frame, found.id, isRepeat ? newest : append(found.id, entry, own));
  }

  const handOver: Contacts["handOver"] = (found, frame, from, teams, own) => {
    const team = teams.find((each) => each.team === frame.to);
    const isFull = team?.room === 0;
    if (isFull) found.seller = undefined;
    const given = { kind: "transferred" as const, seller_id: team ? `one-of-${team.team}` : frame.to };
    const answer = move(found, frame, { ...(isFull ? { kind: "queued" } : given), from, id: frame.id }, own);
    return { ...answer, status: found.status, seller_id: found.seller ?? null } as ServerFrame;
  };

  function take(found: Contact, { userId }: Person, frame: Commanding, own?: Connection): ServerFrame {
    const newest = found.log.at(-1);
    if (found.status === "closed") return errorOf(frame, "contact_closed");
    if (found.seller && found.seller !== userId) return errorOf(frame, "contact_taken");
    if (found.seller && newest) return ackOf(frame, found.id, newest);
    const entry: NewEntry = { kind: "assigned", from: userId, id: frame.id, seller_id: userId };
    return ackOf(frame, found.id, append(found.id, entry, own));
  }

  function raise(found: Contact, { role }: Person, marks: Marks, own?: Connection): void {
    const { delivered, read } = found.marks[role];
    found.marks[role] = { delivered: Math.max(delivered, marks.delivered), read: Math.max(read, marks.read) };
    const told = { action: "receipt" as const, contact_id: found.id, from: role, ...found.marks[role] };
    for (const connection of participants(found, own)) surroundings.push(connection, told);
  }

  function type(
    found: Contact,
    { role }: Person,
    { typing, delivered = 0, read = 0 }: Extract<ClientFrame, { action: "typing" }>,
    own?: Connection,
  ): void {
    const before = found.marks[role];
    const rises = delivered > before.delivered || read > before.read;
    const marks = { delivered: Math.max(delivered, before.delivered), read: Math.max(read, before.read) };
    found.marks[role] = marks;
    const about = { contact_id: found.id, from: role };
    for (const connection of participants(found, own)) {
      const isOther = connection.role !== role;
      if (isOther) surroundings.push(connection, { action: "typing", ...about, typing, ...(rises && marks) });
      else if (rises) surroundings.push(connection, { action: "receipt", ...about, ...marks });
    }
  }

  function participants(found: Contact, own?: Connection): Connection[] {
    return surroundings.connections().filter((each) => each !== own && each.isListed && admits(found, each));
  }

  return { all, get, current, append, start, send, identify, move, handOver, take, raise, type };
}

/** A page of a log from a cursor on. */
export function pageOf(found: Contact, after: number): ServerFrame {
  const isUnknown = after > found.log.length;
  const from = isUnknown ? 0 : after;
  const following = found.log.filter((entry) => entry.seq > Math.max(from, found.expired));
  const entries = following.slice(0, PAGE);
  const more = entries.length < following.length;
  const first = found.expired + 1;
  return {
    action: "sync",
    contact_id: found.id,
    after: from,
    entries,
    more,
    ...(!more && { tail: found.log.length, status: found.status, marks: found.marks }),
    ...(isUnknown && { gap: { from: 0, to: after, reason: "unknown_cursor" as const } }),
    ...(!isUnknown && first > after + 1 && { gap: { from: after + 1, to: first - 1, reason: "expired" as const } }),
  };
}

/** A page of a seller's contacts. `after` is opaque to clients; it names the last contact of the page before. */
export function inboxPageOf(
  contacts: readonly Contact[],
  seller: string,
  { status, after, lines, tails, queued }: InboxFrame,
  isOlder: boolean,
): InboxListed {
  const all = listed(contacts, seller, status, {
    lines: lines === true,
    tails: tails === true && !isOlder,
  });
  const placeOf = ({ since, contact_id }: InboxContact) => `${since}/${contact_id}`;
  const begin = all.findIndex((each) => placeOf(each) === after) + 1;
  const page = all.slice(begin, begin + INBOX_PAGE);
  const last = page.at(-1);
  const isEnd = begin + INBOX_PAGE >= all.length;
  const found = { action: "inbox" as const, status, contacts: page, ...(last && !isEnd && { next: placeOf(last) }) };
  if (!queued || isOlder) return found;
  const { action, status: _, ...queue } = inboxPageOf(contacts, seller, { action: "inbox", status: "queued" }, isOlder);
  return { ...found, queued: queue };
}

function listed(
  contacts: Iterable<Contact>,
  seller: string,
  status: ContactStatus,
  wanted: { readonly lines: boolean; readonly tails: boolean },
): InboxContact[] {
  return [...contacts]
    .filter((each) => each.status === status && (each.seller ? each.seller === seller : isAsked(each, seller)))
    .map((each) => ({
      ...listingOf(each),
      ...(wanted.lines && each.log.length > each.expired && { line: lineOf(each) }),
      ...(wanted.tails && each.seller && { tail: each.log.length, marks: each.marks }),
      ...(wanted.lines && each.tags.size > 0 && { tags: [...each.tags].sort() }),
      ...((wanted.lines || wanted.tails) && listedSnooze(each)),
    }));
}

function listingOf({ id, status, log, seller }: Contact): InboxContact {
  const opened_at = log[0]?.timestamp ?? "";
  return { contact_id: id, status, since: opened_at, opened_at, seller_id: seller ?? null };
}

/** Whether a contact waits for a seller, or for the team of them all. */
function isAsked({ requested }: Contact, seller: string): boolean {
  return requested === seller || requested === TEAM;
}

/** Whether somebody may read a contact of which nobody is the seller. */
export function mayRead(found: Contact, { role, userId }: Person): boolean {
  return role === "seller" && found.seller === undefined && isAsked(found, userId);
}

function stand(found: Contact, { kind, seller_id }: Entry): void {
  if (kind === "message") return;
  if (kind === "transferred" || kind === "assigned") found.seller = seller_id;
  if (kind === "closed") found.status = kind;
  else found.status = found.seller === undefined ? "queued" : "open";
}

export function admits(found: Contact, person: Person): boolean {
  return person.userId === (person.role === "visitor" ? found.visitor : found.seller);
}

export function nameIn(found: Contact, person: Person): string {
  return person.role === "visitor" ? `visitor-${found.id}` : person.userId;
}

/** Whether somebody may do something in a contact. */
export function isAdmitted(found: Contact | undefined, person: Person, { action }: ClientFrame): found is Contact {
  if (!found) return false;
  if (admits(found, person)) return person.role === "seller" || !["note", "notes", "tag", "snooze"].includes(action);
  if (action === "takeChat") return person.role === "seller";
  return ["sync", "note", "notes", "tag", "earlier", "readEarlier"].includes(action) && mayRead(found, person);
}

export function isExpired({ expired, log }: Contact): boolean {
  return expired > 0 && expired >= log.length;
}
