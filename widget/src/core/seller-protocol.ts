/** The frames of docs/protocol.md that only sellers send and receive, about teams, notes, tags, snoozes, blocks, searches and what lists show. */

export type PresenceStatus = "online" | "away" | "offline";
/** A contact and where it stands; `since` is when it came into this status. */
export interface ListedContact {
  readonly contact_id: string;
  readonly status: "open" | "queued" | "closed";
  readonly since: string;
  readonly opened_at: string;
  /** Null while nobody answers. */
  readonly seller_id: string | null;
}
/** A contact that began or ceased to wait for the seller's team, as it is listed now. */
export interface QueueChanged extends ListedContact {
  readonly action: "waiting";
  /** The number of its newest entry: of two the one with the higher number is newer. */
  readonly seq: number;
}
export interface SearchFrame {
  readonly action: "search";
  /** One line of 2 to 100 characters. */
  readonly query: string;
  readonly after?: string;
}
/** A contact, and the entry in which something was found. */
export interface Found extends ListedContact {
  readonly name: string;
  readonly seq: number;
  readonly timestamp: string;
  readonly from: string;
  /** What was said or told, around the first word. */
  readonly text: string;
}
export interface SearchFound {
  readonly action: "search";
  readonly query: string;
  readonly found: readonly Found[];
  /** How far back was looked. */
  readonly searched_to?: string;
  readonly next?: string;
}
export interface NoteFrame {
  readonly action: "note";
  readonly contact_id: string;
  readonly text: string;
  readonly id: string;
  /** The number of the last note that is known here. */
  readonly base: number;
}
export interface NotesFrame {
  readonly action: "notes";
  readonly contact_id: string;
  readonly after?: number;
}
/** Without either it asks which tags there are. */
export interface TagFrame {
  readonly action: "tag";
  readonly contact_id: string;
  readonly add?: string;
  readonly remove?: string;
}
/** All tags of a contact: the answer to `tag`, and what the seller's other devices are told. */
export interface Tagged {
  readonly action: "tag";
  readonly contact_id: string;
  readonly tags: readonly string[];
}
export interface EarlierFrame {
  readonly action: "earlier";
  readonly contact_id: string;
  readonly after?: string;
}
export interface ReadEarlierFrame {
  readonly action: "readEarlier";
  readonly contact_id: string;
  /** One that its visitor had before. */
  readonly earlier: string;
  readonly after?: number;
}
/** A contact that ended: who had it last, what the visitor was called, and what they said first. */
export interface EarlierContact {
  readonly contact_id: string;
  readonly opened_at: string;
  readonly since: string;
  readonly seller_id: string | null;
  readonly name: string;
  readonly message?: string;
}
export interface EarlierListed {
  readonly action: "earlier";
  readonly contact_id: string;
  readonly contacts: readonly EarlierContact[];
  readonly next?: string;
}
/** With neither time it asks what is. */
export interface SnoozeFrame {
  readonly action: "snooze";
  readonly contact_id: string;
  /** When the contact is to be back; ISO 8601. */
  readonly until?: string;
  /** The `until` of the snooze that is to be over. */
  readonly ends?: string;
  readonly id?: string;
  /** Up to where the contact's entries are here. */
  readonly base?: number;
}
/** What a list tells of a contact that is away: until when, and the last entry that its seller had then. */
export interface ListedSnooze {
  readonly until: string;
  readonly seq: number;
}
/** The answer to `snooze`, and what the seller's other devices are told; without an `until` the contact is not away. */
export interface Snoozed {
  readonly action: "snooze";
  readonly contact_id: string;
  readonly until?: string;
  readonly seq?: number;
}
export interface TakeChatFrame {
  readonly action: "takeChat";
  readonly contact_id: string;
  readonly id: string;
  readonly base: number;
}
export interface SignOutFrame {
  readonly action: "signOut";
}
export interface RepliesFrame {
  readonly action: "replies";
}
/** Without a text it is taken away. */
export interface ShareReplyFrame {
  readonly action: "shareReply";
  readonly id: string;
  /** The version of the list that is known here. */
  readonly base: number;
  readonly name?: string;
  readonly text?: string;
}
/** What the sellers of a team share. */
export interface SharedReply {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}
export interface RepliesListed {
  readonly action: "replies";
  readonly team: string;
  readonly version: number;
  readonly replies: readonly SharedReply[];
}
/** The answer to `shareReply`: all that there are then. */
export interface ReplyShared extends Omit<RepliesListed, "action"> {
  readonly action: "shareReply";
  readonly id: string;
}
export interface BlockVisitorFrame {
  readonly action: "blockVisitor";
  readonly contact_id: string;
  readonly minutes: number;
  /** One line, for the other sellers. */
  readonly reason: string;
  readonly id: string;
}
export interface UnblockVisitorFrame {
  readonly action: "unblockVisitor";
  /** As `blockVisitor` and `blocks` told it. */
  readonly visitor: string;
  /** When the block began, where that is known: a later one is left as it is. */
  readonly since?: string;
}
export interface BlocksFrame {
  readonly action: "blocks";
  readonly after?: string;
}
/** What a seller wrote about a contact for the others; `seq` counts a contact's notes from 1. */
export interface Note {
  readonly seq: number;
  readonly id: string;
  readonly from: string;
  readonly timestamp: string;
  readonly text: string;
}
/** The answer to `note`, and what the seller's other devices are told. */
export interface NoteKept {
  readonly action: "note";
  readonly contact_id: string;
  readonly note: Note;
}
export interface NotesListed {
  readonly action: "notes";
  readonly contact_id: string;
  readonly after: number;
  readonly notes: readonly Note[];
  readonly more: boolean;
}
export interface VisitorBlocked {
  readonly action: "blockVisitor";
  readonly contact_id: string;
  readonly visitor: string;
  readonly until: string;
}
export interface VisitorUnblocked {
  readonly action: "unblockVisitor";
  readonly visitor: string;
}
/** A visitor whom a seller has blocked, by a reference, and the contact that they had then. */
export interface Block {
  readonly visitor: string;
  readonly contact_id: string;
  readonly seller_id: string;
  readonly reason: string;
  readonly since: string;
  readonly until: string;
}
export interface BlocksListed {
  readonly action: "blocks";
  readonly blocks: readonly Block[];
  readonly next?: string;
}
/** What was said last in a contact, and who waits there. */
export interface ContactLine {
  /** What visitors call themselves, cut off; empty where they do not. */
  readonly name: string;
  /** The number of the newest entry, and when it was written. */
  readonly tail: number;
  readonly timestamp: string;
  /** How far the seller has seen it. */
  readonly read: number;
  readonly unread: number;
  /** Whether a seller has written. */
  readonly answered: boolean;
  /** Who wrote the newest message, and its first 120 characters. */
  readonly from?: string;
  readonly message?: string;
  readonly waits_since?: string;
}
/** A seller of the same team; offline is also who was not heard of lately. */
export interface Colleague {
  readonly seller_id: string;
  readonly name: string;
  readonly status: PresenceStatus;
  readonly open_count: number;
  readonly capacity: number;
}
/** What a contact can expect of a team: how many sellers are there, and how many more contacts those can carry. */
export interface TeamOutlook {
  readonly team: string;
  readonly there: number;
  readonly room: number;
}
export interface TeamListed {
  readonly action: "team";
  readonly team: string;
  readonly sellers: readonly Colleague[];
  /** To which a contact can be handed. */
  readonly teams: readonly TeamOutlook[];
}

/** What only sellers send. */
export type SellerClientFrame =
  | SearchFrame
  | NoteFrame
  | NotesFrame
  | TagFrame
  | RepliesFrame
  | ShareReplyFrame
  | EarlierFrame
  | ReadEarlierFrame
  | SnoozeFrame
  | BlockVisitorFrame
  | UnblockVisitorFrame
  | BlocksFrame;

/** What only sellers receive, but for what has entries in it. */
export type SellerServerFrame =
  | QueueChanged
  | SearchFound
  | TeamListed
  | NoteKept
  | NotesListed
  | Tagged
  | RepliesListed
  | ReplyShared
  | EarlierListed
  | Snoozed
  | VisitorBlocked
  | VisitorUnblocked
  | BlocksListed;
