import type { ChatProblem, ConversationView, OutgoingMessage } from "../api";
import type { Link } from "../connection/link";
import { createRequests } from "../connection/requests";
import { createObservable } from "../observable";
import type { Ports } from "../ports";
import type {
  Ack,
  CloseChatFrame,
  ContactStatus,
  Entry,
  ErrorFrame,
  IdentifyFrame,
  Marks,
  MessagePushed,
  Role,
  ServerFrame,
  Synced,
  TakeChatFrame,
  TransferChatFrame,
} from "../protocol";
import type { TabMessage, Tabs } from "../tabs";
import { createLog } from "./log";
import type { Destination, Outbox } from "./outbox";
import { createReader } from "./reader";
import { createReceipts, higher, NONE } from "./receipts";
import { follow, type Standing } from "./standing";
import { createTyping } from "./typing";

/** A push can miss a connection that was just opened (docs/protocol.md, "Reading without gaps"). */
export const SECOND_CHANCE_MS = 3_000;

export type Command =
  | Pick<CloseChatFrame | TakeChatFrame, "action">
  | Pick<TransferChatFrame, "action" | "to">
  | Pick<IdentifyFrame, "action" | "userInfo">;

export interface ConversationOptions {
  readonly contactId: string;
  readonly role: Role;
  readonly ownName: string;
  readonly link: Link;
  readonly outbox: Outbox;
  readonly status: ContactStatus;
  readonly changed: () => void;
  /** The device's other tabs; they are told what they may not have, and need not report themselves. */
  readonly tabs: Pick<Tabs<TabMessage>, "tell">;
  /** Something joined the log that may change where the contact stands. */
  readonly moved: () => void;
  /** The contact cannot be read, and asking again will not help. */
  readonly refused: (problem: ChatProblem) => void;
}

/** One contact as one side sees it: its log, its outbox, marks and typing. */
export interface Conversation {
  readonly contactId: string;
  view(): ConversationView;
  /** Where the outbox sends to; undefined before the log was read to its end once. */
  destination(): Destination | undefined;
  holds(id: string): boolean;
  /** A frame about this contact. */
  receive(frame: ServerFrame): void;
  /** An entry, or marks, from another tab. */
  take(entry: Entry): void;
  takeMarks(marks: Marks): void;
  /** The outbox has changed. */
  refresh(): void;
  /** There is a new connection, which this conversation is to announce: read on, and once more soon after. */
  up(announce: boolean): void;
  /** There is a new connection, and somebody else sees to what is to be read: send again what nobody answered. */
  retry(): void;
  down(): void;
  sync(): void;
  typing(): void;
  sent(): void;
  setVisible(visible: boolean): void;
  /** End the conversation, hand it over or tell more of the visitor, once what was written before is sent. Rejects with a `ChatProblem`. */
  command(wanted: Command): Promise<void>;
  destroy(): void;
}

export function createConversation(ports: Ports, options: ConversationOptions): Conversation {
  const { clock, environment } = ports;
  const { contactId, role, ownName, link, outbox, tabs } = options;
  const isByPeer = (entry: Entry) => isByOther(role, contactId, entry);

  let standing: Standing = { status: options.status, sellerId: undefined, userInfo: undefined };
  let newestByPeer = 0;
  let peerMarks = NONE;
  let isVisible = false;
  let cancelSecondChance = () => {};
  const observable = createObservable(view);
  const log = createLog(shown, () => {
    newestByPeer = 0;
  });
  const reader = createReader(contactId, log, link, ports);
  const receipts = createReceipts(contactId, link, clock);
  const typing = createTyping(contactId, receipts, clock, changed);
  const commands = createRequests(ports, link);

  function changed(): void {
    observable.changed();
    options.changed();
  }

  function view(): ConversationView {
    const ownMarks = receipts.marks();
    const items = log.items();
    return {
      contactId,
      ...standing,
      items,
      outgoing: [...log.early().flatMap((entry) => sentBy(ownName, entry)), ...outbox.messages()],
      ownName,
      peerMarks,
      ownMarks,
      unread: items.filter((item) => item.kind !== "break" && isByPeer(item) && item.seq > ownMarks.read).length,
      peerTyping: typing.isPeerTyping(),
      loaded: reader.isLoaded(),
    };
  }

  function shown(entry: Entry): void {
    if (isByPeer(entry)) newestByPeer = entry.seq;
    if (isByPeer(entry) || entry.kind === "closed") typing.heard(false);
    standing = follow(standing, entry);
    if (entry.kind !== "message" && entry.kind !== "identified") options.moved();
  }

  function accept(entry: Entry): boolean {
    const isNew = log.add(entry);
    if (log.early().length) reader.sync();
    if (entry.id) outbox.settle(entry.id);
    report();
    changed();
    return isNew;
  }

  function push(entry: Entry): void {
    if (accept(entry)) tabs.tell({ about: "entry", contactId, entry });
  }

  function report(): void {
    if (role === "seller" && isNobodys(standing)) return;
    const before = receipts.marks();
    receipts.raise(newestByPeer, isVisible && environment.isVisible() ? newestByPeer : 0);
    const marks = receipts.marks();
    if (marks.read > before.read) tabs.tell({ about: "marks", contactId, marks });
  }

  function acknowledged({ id, seq, timestamp = new Date(clock.now()).toISOString() }: Ack): void {
    const message = outbox.messages().find((outgoing) => outgoing.id === id);
    // Settles it too, and only then the next one goes out, with this one below its base.
    if (message) push({ seq, kind: "message", from: ownName, timestamp, id: message.id, message: message.text });
  }

  function refused(frame: ErrorFrame): void {
    // It may have carried a report.
    receipts.doubt();
    if (frame.field === "base") reader.sync();
    if (frame.of === "sendMessage") outbox.refused(frame);
    else if (frame.of === "sync" && !reader.refused(frame)) options.refused(frame);
    else commands.refused(frame);
  }

  function receive(frame: ServerFrame): void {
    switch (frame.action) {
      case "sendMessage":
        push(entryOf(frame));
        break;
      case "entry":
        push(frame.entry);
        break;
      case "ack":
        if (frame.of === "sendMessage") acknowledged(frame);
        else commands.answered(frame.of);
        break;
      case "sync":
        read(frame);
        break;
      case "receipt":
        marked(frame.from, frame);
        break;
      case "typing":
        typing.heard(frame.typing);
        marked(frame.from, { ...NONE, ...frame });
        break;
      case "error":
        refused(frame);
    }
  }

  function read(page: Synced): void {
    reader.answered(page);
    for (const { id } of page.entries) if (id) outbox.settle(id);
    if (page.status && page.tail === log.cursor()) standing = { ...standing, status: page.status };
    for (const side of ["visitor", "seller"] as const) if (page.marks) marked(side, page.marks[side]);
    report();
    outbox.pump();
    changed();
  }

  function marked(side: Role, marks: Marks): void {
    if (side === role) {
      receipts.confirmed(marks);
      receipts.flush();
    } else peerMarks = higher(peerMarks, marks);
    changed();
  }

  /** What names a command once and for all, however often it is repeated. */
  const named = () => ({ contact_id: contactId, id: ports.random.uuid(), base: log.cursor() });

  function down(): void {
    reader.stop();
    receipts.stop();
    cancelSecondChance();
  }

  return {
    contactId,
    view: observable.getSnapshot,
    destination: () => (reader.isLoaded() ? { contactId, cursor: log.cursor() } : undefined),
    holds: log.holds,
    receive,
    take: accept,
    takeMarks: (marks) => marked(role, marks),
    refresh: changed,
    up: (announce) => {
      reader.up(announce);
      cancelSecondChance();
      cancelSecondChance = clock.after(SECOND_CHANCE_MS, reader.sync);
      commands.up();
    },
    retry: commands.up,
    down,
    sync: reader.sync,
    typing: typing.pressed,
    sent: typing.sent,
    setVisible: (visible) => {
      isVisible = visible;
      report();
      changed();
    },
    command: (wanted) => outbox.afterwards(() => commands.run({ ...wanted, ...named() })).then(reader.sync),
    destroy: () => {
      down();
      typing.sent();
      typing.heard(false);
      commands.stop();
    },
  };
}

function isByOther(role: Role, contactId: string, { kind, from }: Entry): boolean {
  return kind === "message" && (from === `visitor-${contactId}`) !== (role === "visitor");
}

/** A seller may read who waits, or left before anybody answered, and nobody hears of it. */
function isNobodys({ status, sellerId }: Standing): boolean {
  return status !== "open" && !sellerId;
}

function entryOf({ action, contact_id, type, ...entry }: MessagePushed): Entry {
  return { ...entry, kind: "message" };
}

/** A message that is stored, and shown as soon as what precedes it has arrived. */
function sentBy(name: string, { from, id = "", message, timestamp }: Entry): readonly OutgoingMessage[] {
  if (from !== name || message === undefined) return [];
  return [{ id, text: message, createdAt: Date.parse(timestamp), state: "sent" }];
}
