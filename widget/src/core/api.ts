/** What the core offers to the interface that draws it: immutable snapshots to render, and what can be done. */

import type {
  Ack,
  Block,
  Colleague,
  ContactStatus,
  EarlierContact,
  Entry,
  ErrorCode,
  Found,
  InboxContact,
  Marks,
  Note,
  PresenceStatus,
  QueuePlace,
  SharedReply,
  TeamOutlook,
  UserInfo,
  VisitorBlocked,
} from "./protocol";

/**
 * idle: not opened yet, or destroyed. offline: the device has no network. signed_out: the credentials are spent and no new
 * ones were given.
 */
export type ConnectionState = "idle" | "connecting" | "online" | "reconnecting" | "offline" | "signed_out";

export interface Observable<Snapshot> {
  /** The same object until something changes. */
  getSnapshot(): Snapshot;
  /** Called after each change; the answer unsubscribes. */
  subscribe(listener: () => void): () => void;
}

/** Entries that are gone for good (past retention), shown as a break in the conversation. */
export interface Break {
  readonly kind: "break";
  readonly from: number;
  readonly to: number;
}

export type LogItem = Entry | Break;

/** `too_old` and `unanswered` are the client's own: it gave up. Such a message may still have arrived; `retry` cannot double it. */
export type FailureCode = ErrorCode | "unanswered" | "too_old";

/** A message of this side that is not among the conversation's items yet. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** sent: stored, and shown as soon as what precedes it has arrived. failed: needs `retry` or `discard`. */
  readonly state: "sending" | "sent" | "failed";
  readonly failure?: FailureCode;
}

export interface ConversationView {
  readonly contactId: string;
  readonly status: ContactStatus;
  /** Who answers; undefined while queued. */
  readonly sellerId: string | undefined;
  /** What visitors told of themselves, once known. */
  readonly userInfo: UserInfo | undefined;
  /** Always a prefix of the log, in its order. */
  readonly items: readonly LogItem[];
  /** In the order in which they were written; goes below `items`. */
  readonly outgoing: readonly OutgoingMessage[];
  /** The name that this side's entries carry in `from`. */
  readonly ownName: string;
  /** How far the other side has come: an own message with `seq` at or below is delivered, or read. */
  readonly peerMarks: Marks;
  readonly ownMarks: Marks;
  /** Messages of the other side that were not seen yet. */
  readonly unread: number;
  readonly peerTyping: boolean;
  /** Whether everything up to the newest entry was read at least once since the page was loaded. */
  readonly loaded: boolean;
}

export interface ChatProblem {
  readonly code: FailureCode;
  /** For people, in English. */
  readonly reason: string;
  /** What of a frame was refused. */
  readonly field?: string;
}

/** idle: not opened. details: visitors are to introduce themselves. starting: InitChat is under way. */
export type VisitorPhase = "idle" | "details" | "starting" | "chatting";

/** A place in the queue; whether nobody works at this hour is known from the start of the chat only. */
export type Waiting = Pick<QueuePlace, "position"> & Partial<QueuePlace>;

export interface VisitorSnapshot {
  readonly connection: ConnectionState;
  readonly transport: "socket" | "rest";
  readonly phase: VisitorPhase;
  readonly conversation: ConversationView | undefined;
  /** The last few that have ended, to be read above it. */
  readonly earlier: readonly ConversationView[];
  /** The visitor's place among those who wait, once the server has told it; undefined when they do not wait. */
  readonly queue: Waiting | undefined;
  /** Messages written before the chat has started; afterwards they are in the conversation. */
  readonly outgoing: readonly OutgoingMessage[];
  /** What stopped the chat from starting or going on; undefined once it works again. */
  readonly problem: ChatProblem | undefined;
}

/** Whom the shop's back end vouches for. */
export interface VisitorIdentity {
  /** The token's subject. */
  readonly deviceId: string;
  /** A JWT, carried as second subprotocol, and as Bearer over REST. */
  readonly token: string;
}

export interface VisitorChatOptions {
  readonly sellerId: string;
  /** wss://HOST/STAGE */
  readonly socketUrl: string;
  /** https://HOST/STAGE; without it there is no fallback when WebSockets are blocked. */
  readonly restUrl?: string | undefined;
  readonly widgetId?: string | undefined;
  /** rest: never try a WebSocket. */
  readonly transport?: "auto" | "rest";
  /**
   * Asked before every connection and every REST call. A rejection is tried again later. Somebody else than before finds
   * nothing of what the device stored. Without it, the device's own secret name is enough.
   */
  readonly identity?: (() => Promise<VisitorIdentity>) | undefined;
}

export interface VisitorChat extends Observable<VisitorSnapshot> {
  /** Whether this device has a chat to come back to. Stores nothing. */
  hasSession(): boolean;
  /** The visitor opened the chat: from now on there may be a socket and stored data. Idempotent. */
  open(): void;
  /** Start the chat, also anew after it was closed. Idempotent: an open chat goes on. */
  start(userInfo: UserInfo): void;
  /** Queue a message; the answer is its id. */
  send(text: string): string;
  /** Try a failed message again, with the id it always had. */
  retry(id: string): void;
  /** Forget a failed message. */
  discard(id: string): void;
  /** The visitor is typing; call it at every key. */
  typing(): void;
  /** What was written in a field and not sent, e.g. before a reload; empty for nothing. */
  draft(field: string): string;
  /** Keep what is being written until it is sent; call it at every key, and with nothing once it is sent. */
  keepDraft(field: string, text: string): void;
  /** Whether the conversation is on screen; what is seen is reported as read. */
  setVisible(visible: boolean): void;
  /** Tell the seller more of the visitor while the chat goes on. Rejects with a `ChatProblem`. */
  identify(userInfo: UserInfo): Promise<void>;
  /** End the conversation. Rejects with a `ChatProblem`. */
  close(): Promise<void>;
  /** Forget everything this device stored, in all tabs. */
  reset(): void;
  /** Close sockets and stop timers; what is stored stays. */
  destroy(): void;
}

export interface SellerCredentials {
  /** A JWT, carried as second subprotocol. */
  readonly token?: string;
  /** From POST /tickets, for browsers that cannot: good once, for 30 seconds. */
  readonly ticket?: string;
}

/** connect: for a new connection. refused: the last one never opened. expired: the server said `session_expired`. */
export type CredentialsReason = "connect" | "refused" | "expired";

export interface SellerDeskOptions {
  readonly sellerId: string;
  /** wss://HOST/STAGE */
  readonly socketUrl: string;
  /** Asked before every connection; undefined signs the seller out. A rejection is tried again later. */
  readonly credentials: (reason: CredentialsReason) => Promise<SellerCredentials | undefined>;
}

export interface SellerSnapshot {
  readonly connection: ConnectionState;
  /** As the server confirmed it. */
  readonly presence: PresenceStatus | undefined;
  /** Lists as the server gave them; `conversations` knows more of those that were read. */
  readonly inbox: Readonly<Record<ContactStatus, readonly InboxContact[]>>;
  /** Whether there are closed contacts older than those listed. */
  readonly hasOlderClosed: boolean;
  readonly conversations: ReadonlyMap<string, ConversationView>;
  /** The seller's team, as `refreshTeam` found it last. */
  readonly team: readonly Colleague[];
  /** The teams of the shop, as `refreshTeam` found them last. */
  readonly teams: readonly TeamOutlook[];
  /** What sellers noted about contacts, as far as it was asked for. */
  readonly notes: ReadonlyMap<string, readonly Note[]>;
  /** What sellers call contacts, as far as the lists and the answers told. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  /** What the visitors of contacts had before, as far as it was asked for. */
  readonly earlier: ReadonlyMap<string, EarlierView>;
  /** The one of them that is read; undefined for none. */
  readonly past: PastView | undefined;
  readonly sharedReplies: SharedView;
  /** What the seller has put away, and what is back and was not looked at yet. */
  readonly snoozes: ReadonlyMap<string, Snooze>;
  /** The blocks of the shop, as `blocking.refresh` found them last. */
  readonly blocks: readonly Block[];
  /** What is searched for, and what was found so far; undefined for nothing. */
  readonly search: SearchView | undefined;
  readonly problem: ChatProblem | undefined;
}

export interface SearchView {
  readonly query: string;
  /** One of each contact, in the order in which they were found. */
  readonly found: readonly Found[];
  readonly isUnderWay: boolean;
  /** Whether `more` may find others, further back. */
  readonly hasMore: boolean;
  /** How far back was looked, as ISO 8601. */
  readonly searchedTo: string | undefined;
  /** Why it stopped; `unknown_action` where sellers cannot search. */
  readonly failure: FailureCode | undefined;
}

/** Looking through all contacts of the seller's, open and ended ones. */
export interface Searching {
  /** Less than two characters end it. */
  find(text: string): void;
  more(): void;
}

export interface EarlierView {
  /** The newest first. */
  readonly contacts: readonly EarlierContact[];
  /** Behind which to ask on; undefined at the end. */
  readonly next: string | undefined;
}

/** A contact that ended, as far as it was read. */
export interface PastView {
  readonly contactId: string;
  /** The contact that its visitor has now. */
  readonly beside: string;
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
  readonly isUnderWay: boolean;
  /** Why it stopped. */
  readonly failure: FailureCode | undefined;
}

/** What the visitor of a contact that goes on had before: to be read, and nothing else. */
export interface EarlierReading {
  /** Ask for the newest, once for each contact. */
  list(contactId: string): void;
  /** Ask for older ones. */
  more(contactId: string): void;
  /** Read one of them beside the contact that goes on, from its beginning. */
  read(beside: string, contactId: string): void;
  /** Read the next of its entries, or try again. */
  readOn(): void;
  putAway(): void;
}

/** What the seller's team shares to reply with, as it was told last; of no team before anything was told. */
export interface SharedView {
  readonly team: string | undefined;
  /** What a change names as its base. */
  readonly version: number;
  readonly replies: readonly SharedReply[];
}

/** Changing what the team shares. Promises reject with a `ChatProblem`, its field `base` where somebody changed it since. */
export interface ReplySharing {
  refresh(): void;
  add(name: string, text: string): Promise<void>;
  change(base: number, reply: SharedReply): Promise<void>;
  remove(base: number, id: string): Promise<void>;
}

/** Keeping visitors away; promises reject with a `ChatProblem`. */
export interface Blocking {
  /** Ask who is blocked. */
  refresh(): void;
  /** End a contact and let its visitor open none for a while; `reason` is a line for the other sellers. */
  block(contactId: string, minutes: number, reason: string): Promise<VisitorBlocked>;
  unblock(visitor: string): Promise<void>;
}

/** What sellers call contacts; no visitor gets any of it. Promises reject with a `ChatProblem`. */
export interface Tagging {
  /** Ask for the tags of a contact that is in no list. */
  read(contactId: string): void;
  add(contactId: string, tag: string): Promise<void>;
  remove(contactId: string, tag: string): Promise<void>;
}

export interface Snooze {
  /** In milliseconds since the epoch. */
  readonly until: number;
  /** Whether that time has come, by this device's clock. */
  readonly isBack: boolean;
}

/** Putting contacts away for a while. Promises reject with a `ChatProblem`. */
export interface Snoozing {
  /** Until a time in milliseconds since the epoch; false where the visitor has just written, so that it stays. */
  putAway(contactId: string, until: number): Promise<boolean>;
  /** The seller wants it back, or has seen that it is. */
  fetchBack(contactId: string): Promise<void>;
}

/** What sellers write for each other; no visitor gets any of it. */
export interface NoteTaking {
  /** Ask for the notes about a contact. */
  read(contactId: string): void;
  /** Rejects with a `ChatProblem`. */
  write(contactId: string, text: string): Promise<void>;
}

export interface SellerDesk extends Observable<SellerSnapshot> {
  readonly sharedReplies: ReplySharing;
  /** Connect. Idempotent. */
  open(): void;
  setPresence(status: PresenceStatus): void;
  /**
   * Say that the seller is gone and end their connections on all devices. After five seconds at most the connection is
   * `signed_out`, here and in the other tabs, whether or not the server could be reached. Without a connection at once.
   */
  signOut(): void;
  /** Ask who is in the team, and who of them is there. */
  refreshTeam(): void;
  readonly blocking: Blocking;
  readonly notes: NoteTaking;
  readonly searching: Searching;
  readonly tagging: Tagging;
  readonly earlier: EarlierReading;
  readonly snoozing: Snoozing;
  /** Ask for a list again; open and queued are kept up to date without. */
  refreshInbox(status: ContactStatus): void;
  /** List the next older closed contacts, too. */
  listOlderClosed(): void;
  /** Read a contact that is in no open list, e.g. a closed one. */
  read(contactId: string): void;
  send(contactId: string, text: string): string;
  retry(contactId: string, id: string): void;
  discard(contactId: string, id: string): void;
  typing(contactId: string): void;
  /** Which conversation is on screen; undefined for none. */
  setVisible(contactId: string | undefined): void;
  /** Reject with a `ChatProblem`. */
  take(contactId: string): Promise<void>;
  /** To a seller or a team; resolves with how the contact stands then. */
  transfer(contactId: string, to: string): Promise<Ack | undefined>;
  close(contactId: string): Promise<void>;
  destroy(): void;
}
