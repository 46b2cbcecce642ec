/** The frames of docs/protocol.md: what a client sends and what it receives. */

import type {
  ContactLine,
  ListedContact,
  ListedSnooze,
  PresenceStatus,
  SellerClientFrame,
  SellerServerFrame,
  SignOutFrame,
  TakeChatFrame,
} from "./seller-protocol";

export type * from "./seller-protocol";

export type Role = "visitor" | "seller";
export type ContactStatus = "open" | "queued" | "closed";
export type EntryKind =
  | "opened"
  | "queued"
  | "assigned"
  | "transferred"
  | "message"
  | "closed"
  | "reopened"
  | "identified";

/** What visitors tell of themselves; at most 2 KB as JSON. */
export type UserInfo = Readonly<Record<string, unknown>>;

/** One entry of a contact's log. `seq` counts from 1 without holes; `timestamp` is for show, never for order. */
export interface Entry {
  readonly seq: number;
  readonly kind: EntryKind;
  readonly from: string;
  readonly timestamp: string;
  readonly id?: string;
  readonly message?: string;
  readonly seller_id?: string;
  readonly user_info?: UserInfo;
  readonly reason?: string;
}

/** How far one side has received and seen the log; both numbers only rise. */
export interface Marks {
  readonly delivered: number;
  readonly read: number;
}

export type ErrorCode =
  | "bad_frame"
  | "unknown_action"
  | "missing_field"
  | "bad_field"
  | "too_large"
  | "forbidden"
  | "blocked"
  | "contact_closed"
  | "contact_taken"
  | "contact_expired"
  | "unknown_seller"
  | "seller_full"
  | "slow_down"
  | "try_again"
  | "session_expired";

export interface InitChatFrame {
  readonly action: "InitChat";
  readonly sellerId: string;
  readonly userInfo: UserInfo;
}
export interface SendMessageFrame {
  readonly action: "sendMessage";
  readonly contact_id: string;
  readonly message: string;
  readonly id: string;
  readonly base: number;
}
export interface IdentifyFrame {
  readonly action: "identify";
  readonly contact_id: string;
  readonly userInfo: UserInfo;
  readonly id: string;
  readonly base: number;
}
export interface SyncFrame {
  readonly action: "sync";
  readonly contact_id: string;
  readonly after: number;
  /** Asked over a new connection: list it again, if the system has taken it for dead. */
  readonly announce?: true;
}
export interface ReceiptFrame extends Marks {
  readonly action: "receipt";
  readonly contact_id: string;
}
/** It is a receipt, too. */
export interface TypingFrame {
  readonly action: "typing";
  readonly contact_id: string;
  readonly typing: boolean;
  readonly delivered?: number;
  readonly read?: number;
}
export interface InboxFrame {
  readonly action: "inbox";
  readonly status: ContactStatus;
  readonly after?: string;
  readonly announce?: true;
  /** Tell of each contact what was said last in it. */
  readonly lines?: true;
  /** How far each log goes is wanted, too. */
  readonly tails?: true;
  /** The first page of those who wait is wanted, too. */
  readonly queued?: true;
  /** It is a sign of life, too, as presence without a status. */
  readonly beat?: true;
}
export interface PresenceFrame {
  readonly action: "presence";
  /** Without it only that the seller is still here; the answer tells what they are. */
  readonly status?: PresenceStatus;
}
export interface TeamFrame {
  readonly action: "team";
}
export interface TransferChatFrame {
  readonly action: "transferChat";
  readonly contact_id: string;
  readonly to: string;
  readonly id: string;
  readonly base: number;
}
export interface CloseChatFrame {
  readonly action: "closeChat";
  readonly contact_id: string;
  readonly id: string;
  readonly base: number;
}
export interface PingFrame {
  readonly action: "ping";
}

export type ClientFrame =
  | InitChatFrame
  | SendMessageFrame
  | IdentifyFrame
  | SyncFrame
  | ReceiptFrame
  | TypingFrame
  | InboxFrame
  | PresenceFrame
  | TeamFrame
  | TransferChatFrame
  | TakeChatFrame
  | CloseChatFrame
  | SellerClientFrame
  | SignOutFrame
  | PingFrame;

export interface EarlierRead {
  readonly action: "readEarlier";
  readonly contact_id: string;
  readonly earlier: string;
  readonly after: number;
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/** The answer to InitChat: the chat has started, or was already open. */
export interface ChatStarted {
  readonly action: "InitChat";
  readonly contact_id: string;
  readonly message: string;
  readonly device_id: string;
  readonly seller_id: string;
  readonly alias: string;
  readonly status: ContactStatus;
  readonly seq: number;
  /** While nobody is free. */
  readonly queue?: QueuePlace;
}
export interface QueuePlace {
  /** From 1, the next to be served. */
  readonly position: number;
  readonly out_of_hours: boolean;
}
/** The visitor's place in the queue has changed. */
export interface QueuePushed {
  readonly action: "queue";
  readonly contact_id: string;
  readonly position: number;
}
/** The other side wrote. */
export interface MessagePushed {
  readonly action: "sendMessage";
  readonly type: "message";
  readonly from: string;
  readonly message: string;
  readonly timestamp: string;
  readonly id: string;
  readonly seq: number;
  readonly contact_id: string;
}
/** Anything else that was appended, also a message of this side from another device. */
export interface EntryPushed {
  readonly action: "entry";
  readonly contact_id: string;
  readonly entry: Entry;
  /** Those right before it, from the first on, where a contact has just begun. */
  readonly before?: readonly Entry[];
}
export interface Ack {
  readonly action: "ack";
  readonly of: "sendMessage" | "identify" | "transferChat" | "takeChat" | "closeChat";
  readonly contact_id: string;
  readonly seq: number;
  readonly id?: string;
  readonly timestamp?: string;
  /** Of `transferChat` only: how the contact stands now, and who answers it, if anybody does. */
  readonly status?: ContactStatus;
  readonly seller_id?: string | null;
}
/** Numbers that cannot be had: gone for good, or a cursor that was never handed out. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly reason: "expired" | "unknown_cursor";
}
/** A page of the log. `tail`, `status` and `marks` come with the last page at least. */
export interface Synced {
  readonly action: "sync";
  readonly contact_id: string;
  readonly after: number;
  readonly entries: readonly Entry[];
  readonly more: boolean;
  readonly tail?: number;
  readonly status?: ContactStatus;
  readonly marks?: Readonly<Record<Role, Marks>>;
  readonly gap?: Gap;
}
export interface ReceiptPushed extends Marks {
  readonly action: "receipt";
  readonly contact_id: string;
  readonly from: Role;
}
export interface TypingPushed extends Partial<Marks> {
  readonly action: "typing";
  readonly contact_id: string;
  readonly from: Role;
  readonly typing: boolean;
}
/** A contact as an inbox lists it. */
export interface InboxContact extends ListedContact {
  /** Not there unless it was asked for, nor where nothing is known. */
  readonly line?: ContactLine;
  /** As in a sync, if they were asked for and it is the seller's. */
  readonly tail?: number;
  readonly marks?: Readonly<Record<Role, Marks>>;
  /** What sellers call it; there if it has any. */
  readonly tags?: readonly string[];
  /** Its seller has put it away, as far as lines or tails were asked for. */
  readonly snooze?: ListedSnooze;
}
export interface InboxPage {
  readonly contacts: readonly InboxContact[];
  readonly next?: string;
}
export interface InboxListed extends InboxPage {
  readonly action: "inbox";
  readonly status: ContactStatus;
  /** If they were asked for, and the server is not of before one could. */
  readonly queued?: InboxPage;
  readonly presence?: Omit<PresenceSet, "action">;
}
export interface PresenceSet {
  readonly action: "presence";
  readonly status: PresenceStatus;
  /** How many contacts the seller carries, and how many at most. */
  readonly open_count: number;
  readonly capacity: number;
}
export interface Pong {
  readonly action: "pong";
}
export interface ErrorFrame {
  readonly action: "error";
  readonly code: ErrorCode;
  readonly reason: string;
  readonly of?: string;
  readonly id?: string;
  readonly contact_id?: string;
  readonly field?: string;
  readonly retry_after_ms?: number;
}

export type ServerFrame =
  | ChatStarted
  | QueuePushed
  | MessagePushed
  | EntryPushed
  | Ack
  | Synced
  | ReceiptPushed
  | TypingPushed
  | InboxListed
  | PresenceSet
  | EarlierRead
  | SellerServerFrame
  | Pong
  | ErrorFrame;
