import type {
  ContactLine,
  ContactStatus,
  ConversationView,
  Entry,
  InboxContact,
  LogItem,
  SellerSnapshot,
} from "../../core";
import type { ListName } from "../address";
import type { Memory } from "../alerts/memory";
import { isByColleague } from "../conversation/colleagues";
import type { Sort } from "../settings/preferences";
import { shownName } from "./names";

/** A contact as the list shows it. */
export interface ContactRow {
  readonly contactId: string;
  readonly name: string;
  /** The newest message; undefined before there is one, or before it was read. */
  readonly preview: string | undefined;
  /** Who wrote that, if not the visitor: "You", or a colleague's id. */
  readonly writer: string | undefined;
  /** When something last happened, in milliseconds since the epoch. */
  readonly time: number;
  /** Since when the visitor waits for an answer, in milliseconds since the epoch; undefined once there is one. */
  readonly waitsSince: number | undefined;
  readonly unread: number;
  /** Given to the seller, who has not looked yet. */
  readonly isNew: boolean;
  readonly isTyping: boolean;
  /** Whether the conversation was read: name and preview are what they are. */
  readonly isKnown: boolean;
  /** Something that the seller wrote could not be sent. */
  readonly hasUnsent: boolean;
  /** The visitor left before anybody answered. */
  readonly isMissed: boolean;
  /** What sellers call it. */
  readonly tags: readonly string[];
  /** Until when the seller has put it away, in milliseconds since the epoch. */
  readonly awayUntil: number | undefined;
  /** That time has come, and the seller has not looked yet. */
  readonly isBack: boolean;
}

export interface Shown {
  readonly search?: string;
  /** Only those that have it. */
  readonly tag?: string | undefined;
  readonly sort?: Sort;
  /** Which new contacts the seller has looked at. */
  readonly seen?: Memory;
  /** Contacts that are about to leave the list. */
  readonly hidden?: ReadonlySet<string>;
}

const NO_TAGS: readonly string[] = [];
const SEEN_NOTHING: Memory = { newest: () => 0, note: () => false };

/**
 * The contacts of a list, the latest activity or the longest wait first; of the queue, who has waited longest; of what is
 * snoozed, what comes back first.
 */
export function rowsOfInbox(
  snapshot: SellerSnapshot,
  list: ListName,
  { search = "", tag, sort = "latest", seen = SEEN_NOTHING, hidden = new Set() }: Shown = {},
): readonly ContactRow[] {
  const status = list === "snoozed" ? "open" : list;
  const listed = new Map(snapshot.inbox[status].map((contact) => [contact.contact_id, contact]));
  // What could not be sent is to be seen, also where nothing else can be read any more.
  const inStatus = [...snapshot.conversations.values()].filter(
    ({ loaded, outgoing, status: own }) => (loaded || outgoing.length > 0) && own === status,
  );
  const ids = new Set([...listed.keys(), ...inStatus.map(({ contactId }) => contactId)]);
  const wanted = search.trim().toLocaleLowerCase();
  const rows = [...ids]
    .filter((id) => !hidden.has(id) && isIn(snapshot.conversations.get(id), status))
    .filter((id) => status !== "open" || isAway(snapshot, id) === (list === "snoozed"))
    .map((id) => ({
      ...rowOf(id, listed.get(id), snapshot.conversations.get(id), seen),
      tags: snapshot.tags.get(id) ?? NO_TAGS,
      awayUntil: snapshot.snoozes.get(id)?.until,
      isBack: isBack(snapshot, id),
    }))
    .filter(({ tags }) => tag === undefined || tags.includes(tag))
    .filter(
      (row) => !wanted || matches(row, listed.get(row.contactId), snapshot.conversations.get(row.contactId), wanted),
    );
  // The queue comes in the order in which it is served.
  if (status === "queued") return rows;
  if (list === "snoozed") return rows.sort((one, other) => (one.awayUntil ?? 0) - (other.awayUntil ?? 0));
  return rows.sort(sort === "waiting" ? longestWaitFirst : latestFirst);
}

/** Every tag that any contact has, in the order of the alphabet. */
export function tagsOf({ tags }: SellerSnapshot): readonly string[] {
  return [...new Set([...tags.values()].flat())].sort((one, other) => one.localeCompare(other));
}

/** The contact in which a visitor has waited longest for an answer, after the one that is being looked at. */
export function nextUnanswered(
  snapshot: SellerSnapshot,
  selected: string | undefined,
  shown: Shown = {},
): string | undefined {
  const rows = rowsOfInbox(snapshot, "open", { ...shown, search: "", sort: "waiting" });
  return rows.find((row) => row.contactId !== selected && (row.isNew || row.isBack || row.waitsSince !== undefined))
    ?.contactId;
}

/** What this seller has not seen in all their conversations: messages of visitors, and what is new or back without one. */
export function unreadIn(snapshot: SellerSnapshot, seen: Memory = SEEN_NOTHING): number {
  return [...snapshot.conversations.values()]
    .filter(({ contactId, status, loaded }) => status === "open" && loaded && !isAway(snapshot, contactId))
    .reduce(
      (sum, view) =>
        sum + (view.unread || Number(callOf(view, seen) !== undefined || isBack(snapshot, view.contactId))),
      0,
    );
}

/** Whether the seller has put an open contact away, and its time has not come. */
export function isAway({ snoozes }: SellerSnapshot, contactId: string): boolean {
  return snoozes.get(contactId)?.isBack === false;
}

function isBack({ snoozes }: SellerSnapshot, contactId: string): boolean {
  return snoozes.get(contactId)?.isBack === true;
}

/** What visitors call themselves, as far as anybody sees it. */
export function nameOf(contactId: string, view: ConversationView | undefined, line?: ContactLine): string {
  const name = view?.userInfo?.name;
  return shownName(contactId, typeof name === "string" ? name : view?.loaded ? "" : (line?.name ?? ""));
}

/** What the lists tell of a contact. */
export function lineOf(snapshot: SellerSnapshot, contactId: string): ContactLine | undefined {
  const { open, queued, closed } = snapshot.inbox;
  return [open, queued, closed].flat().find(({ contact_id }) => contact_id === contactId)?.line;
}

/** The entry that gave an open contact to this seller, for as long as nobody has looked at it or written since. */
export function callOf(
  { contactId, items, ownName, ownMarks, status }: ConversationView,
  seen: Memory,
): number | undefined {
  if (status !== "open") return undefined;
  const call = entriesOf(items).findLast(({ kind }) => kind === "assigned" || kind === "transferred");
  if (!call || call.seller_id !== ownName || call.seq <= Math.max(ownMarks.read, seen.newest(contactId)))
    return undefined;
  const isAnswered = entriesOf(items).some(
    ({ seq, kind, from }) => seq > call.seq && kind === "message" && from === ownName,
  );
  return isAnswered ? undefined : call.seq;
}

/** A list is a little behind; a conversation that was read knows better. */
function isIn(view: ConversationView | undefined, status: ContactStatus): boolean {
  return !view?.loaded || view.status === status;
}

type Bare = Omit<ContactRow, "tags" | "awayUntil" | "isBack">;

function rowOf(id: string, listed: InboxContact | undefined, view: ConversationView | undefined, seen: Memory): Bare {
  return listed?.line && !view?.loaded ? rowOfLine(listed, listed.line, view) : rowOfView(id, listed, view, seen);
}

/** Of what was not read yet all is known that a list shows. */
function rowOfLine(listed: InboxContact, line: ContactLine, view: ConversationView | undefined): Bare {
  const { contact_id: contactId, status, seller_id: seller } = listed;
  return {
    contactId,
    name: nameOf(contactId, view, line),
    preview: line.message,
    writer: line.message === undefined ? undefined : writerOfLine(listed, line),
    time: Date.parse(line.timestamp) || 0,
    waitsSince: Date.parse(status === "queued" ? listed.since : (line.waits_since ?? "")) || undefined,
    unread: line.unread,
    isNew: false,
    isTyping: view?.peerTyping ?? false,
    isKnown: true,
    hasUnsent: hasUnsent(view),
    isMissed: status === "closed" && (seller === null || (line.message !== undefined && !line.answered)),
  };
}

function rowOfView(
  id: string,
  listed: InboxContact | undefined,
  view: ConversationView | undefined,
  seen: Memory,
): Bare {
  const entries = entriesOf(view?.items ?? []);
  const message = entries.findLast(({ kind }) => kind === "message");
  const call = view?.loaded ? callOf(view, seen) : undefined;
  return {
    contactId: id,
    name: nameOf(id, view),
    preview: message?.message,
    writer: message && view && writerOf(view, message),
    time: Date.parse(entries.at(-1)?.timestamp ?? listed?.since ?? "") || 0,
    waitsSince: listed?.status === "queued" ? Date.parse(listed.since) : view && waitsSince(view),
    unread: view?.unread ?? 0,
    isNew: call !== undefined,
    isTyping: view?.peerTyping ?? false,
    isKnown: view?.loaded ?? false,
    hasUnsent: hasUnsent(view),
    isMissed: listed?.status === "closed" && (listed.seller_id === null || isUnanswered(view)),
  };
}

/** The first message of the visitor that nobody has answered; where nothing was said at all, when the seller was asked. */
function waitsSince({ contactId, items, status }: ConversationView): number | undefined {
  if (status !== "open") return undefined;
  const entries = entriesOf(items);
  const visitor = `visitor-${contactId}`;
  const answered = entries.findLastIndex(({ kind, from }) => kind === "message" && from !== visitor);
  const unanswered = entries.slice(answered + 1);
  const first = unanswered.find(({ kind }) => kind === "message");
  const asked = answered < 0 ? unanswered.findLast(({ kind }) => kind === "assigned") : undefined;
  return Date.parse((first ?? asked)?.timestamp ?? "") || undefined;
}

/** Whether the visitor wrote, and no seller did. */
function isUnanswered(view: ConversationView | undefined): boolean {
  const messages = entriesOf(view?.items ?? []).filter(({ kind }) => kind === "message");
  return messages.length > 0 && messages.every(({ from }) => from === `visitor-${view?.contactId}`);
}

function hasUnsent(view: ConversationView | undefined): boolean {
  return view?.outgoing.some(({ state }) => state === "failed") ?? false;
}

function writerOfLine({ contact_id, seller_id }: InboxContact, { from }: ContactLine): string | undefined {
  if (from === `visitor-${contact_id}`) return undefined;
  return from === seller_id ? "You" : from;
}

function entriesOf(items: readonly LogItem[]): readonly Entry[] {
  return items.filter((item): item is Entry => item.kind !== "break");
}

function writerOf(view: ConversationView, message: Entry): string | undefined {
  if (isByColleague(view, message)) return message.from;
  return message.from === view.ownName ? "You" : undefined;
}

/** Names, what visitors told of themselves, and everything that was said, as far as it was read. */
function matches(
  { contactId, tags }: ContactRow,
  listed: InboxContact | undefined,
  view: ConversationView | undefined,
  wanted: string,
): boolean {
  const line = listed?.line;
  const texts = [
    nameOf(contactId, view, line),
    line?.message ?? "",
    contactId,
    ...tags,
    JSON.stringify(Object.values(view?.userInfo ?? {})),
  ];
  const said = entriesOf(view?.items ?? []).map(({ message }) => message ?? "");
  return [...texts, ...said].some((text) => text.toLocaleLowerCase().includes(wanted));
}

function latestFirst(one: ContactRow, other: ContactRow): number {
  return lastOf(other) - lastOf(one);
}

/** When something last happened: coming back is something. */
function lastOf({ time, isBack, awayUntil = 0 }: ContactRow): number {
  return isBack ? Math.max(time, awayUntil) : time;
}

/** Those who wait for nothing come last. */
function longestWaitFirst(one: ContactRow, other: ContactRow): number {
  const [first, second] = [one, other].map(({ waitsSince }) => waitsSince ?? Number.POSITIVE_INFINITY);
  return first === second ? latestFirst(one, other) : (first ?? 0) - (second ?? 0);
}
