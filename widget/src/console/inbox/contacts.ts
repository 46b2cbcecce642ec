import type { ContactStatus, ConversationView, Entry, InboxContact, SellerSnapshot } from "../../core";
import { isByColleague } from "../conversation/colleagues";

/** A contact as the list shows it. */
export interface ContactRow {
  readonly contactId: string;
  readonly name: string;
  /** The newest message; undefined before there is one, or before it was read. */
  readonly preview: string | undefined;
  /** When something last happened, in milliseconds since the epoch. */
  readonly time: number;
  readonly unread: number;
  readonly isTyping: boolean;
}

/** The contacts of a list, the latest activity first; of the queue, who has waited longest. */
export function rowsOfInbox(snapshot: SellerSnapshot, status: ContactStatus, search: string): readonly ContactRow[] {
  const listed = new Map(snapshot.inbox[status].map((contact) => [contact.contact_id, contact]));
  // What could not be sent is to be seen, also where nothing else can be read any more.
  const inStatus = [...snapshot.conversations.values()].filter(
    ({ loaded, outgoing, status: own }) => (loaded || outgoing.length > 0) && own === status,
  );
  const ids = new Set([...listed.keys(), ...inStatus.map(({ contactId }) => contactId)]);
  const rows = [...ids]
    .filter((id) => isIn(snapshot.conversations.get(id), status))
    .map((id) => rowOf(id, listed.get(id), snapshot.conversations.get(id)))
    .filter((row) => matches(row, search));
  return rows.sort((one, other) => (status === "queued" ? one.time - other.time : other.time - one.time));
}

/** Messages of visitors that this seller has not seen, in all his conversations. */
export function unreadIn(snapshot: SellerSnapshot): number {
  return [...snapshot.conversations.values()].reduce(
    (sum, { unread, status }) => sum + (status === "open" ? unread : 0),
    0,
  );
}

/** What the visitor calls himself, or a short name made of the contact's. */
export function nameOf(contactId: string, view: ConversationView | undefined): string {
  const name = view?.userInfo?.name;
  return typeof name === "string" && name.trim() ? name.trim() : `Visitor ${contactId.slice(-5)}`;
}

/** A list is a little behind; a conversation that was read knows better. */
function isIn(view: ConversationView | undefined, status: ContactStatus): boolean {
  return !view?.loaded || view.status === status;
}

function rowOf(id: string, listed: InboxContact | undefined, view: ConversationView | undefined): ContactRow {
  const entries = (view?.items ?? []).filter((item): item is Entry => item.kind !== "break");
  const message = entries.filter(({ kind }) => kind === "message").at(-1);
  return {
    contactId: id,
    name: nameOf(id, view),
    preview: message && view && `${writerOf(view, message)}${message.message}`,
    time: Date.parse(entries.at(-1)?.timestamp ?? listed?.since ?? "") || 0,
    unread: view?.unread ?? 0,
    isTyping: view?.peerTyping ?? false,
  };
}

function writerOf(view: ConversationView, message: Entry): string {
  if (isByColleague(view, message)) return `${message.from}: `;
  return message.from === view.ownName ? "You: " : "";
}

function matches({ name, preview, contactId }: ContactRow, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return [name, preview ?? "", contactId].some((text) => text.toLocaleLowerCase().includes(wanted));
}
