import type { ChatProblem, ConversationView, OutgoingMessage } from "../api";
import type { Link } from "../connection/link";
import { createObservable } from "../observable";
import type { Ports } from "../ports";
import type { ContactStatus, Entry, ErrorFrame, Marks, MessagePushed, Role, ServerFrame, Synced } from "../protocol";
import { type Commands, createCommands } from "./commands";
import { createLog } from "./log";
import type { Outbox } from "./outbox";
import { createReader } from "./reader";
import { createReceipts } from "./receipts";
import { follow, type Standing } from "./standing";
import { createTyping } from "./typing";

/** A push can miss a connection that was just opened (docs/protocol.md, "Reading without gaps"). */
export const SECOND_CHANCE_MS = 3_000;

export interface ConversationOptions {
  readonly contactId: string;
  readonly role: Role;
  readonly ownName: string;
  readonly link: Link;
  readonly outbox: Outbox;
  readonly status: ContactStatus;
  readonly changed: () => void;
  /** An entry came in that the other tabs may not have. */
  readonly arrived: (entry: Entry) => void;
  /** Reports of one's own marks go out; other tabs need not repeat them. */
  readonly marked: (marks: Marks) => void;
  /** Something other than a message joined the log. */
  readonly moved: () => void;
  /** The contact cannot be read, and asking again will not help. */
  readonly refused: (problem: ChatProblem) => void;
}

/** One contact as one side sees it: its log, its outbox, marks and typing. */
export interface Conversation extends Pick<Commands, "run"> {
  readonly contactId: string;
  view(): ConversationView;
  cursor(): number;
  holds(id: string): boolean;
  /** A frame about this contact. */
  receive(frame: ServerFrame): void;
  /** An entry, or marks, from another tab. */
  take(entry: Entry): void;
  takeMarks(marks: Marks): void;
  isLoaded(): boolean;
  /** The outbox has changed. */
  refresh(): void;
  /** There is a new connection, which this conversation is to announce. */
  up(announce: boolean): void;
  down(): void;
  sync(): void;
  typing(): void;
  sent(): void;
  setVisible(visible: boolean): void;
  destroy(): void;
}

export function createConversation(ports: Ports, options: ConversationOptions): Conversation {
  const { clock, environment } = ports;
  const { contactId, role, ownName, link, outbox } = options;
  const visitorName = `visitor-${contactId}`;
  const isByPeer = (entry: Entry) => entry.kind === "message" && (entry.from === visitorName) !== (role === "visitor");

  let standing: Standing = { status: options.status, sellerId: undefined, userInfo: undefined };
  let newestByPeer = 0;
  let peerMarks: Marks = { delivered: 0, read: 0 };
  let isVisible = false;
  let cancelSecondChance = () => {};

  const observable = createObservable(view);
  const log = createLog(shown, () => {
    newestByPeer = 0;
  });
  const reader = createReader(contactId, log, link, ports);
  const receipts = createReceipts(contactId, link, clock);
  const typing = createTyping(contactId, link, clock, changed);
  const commands = createCommands(ports, link, () => reader.sync());

  function changed(): void {
    observable.changed();
    options.changed();
  }

  function view(): ConversationView {
    const { read } = receipts.marks();
    const items = log.items();
    return {
      contactId,
      ...standing,
      items,
      outgoing: [...log.early().flatMap(sentMessage), ...outbox.messages()],
      ownName,
      peerMarks,
      ownMarks: receipts.marks(),
      unread: items.filter((item) => item.kind !== "break" && isByPeer(item) && item.seq > read).length,
      peerTyping: typing.isPeerTyping(),
      loaded: reader.isLoaded(),
    };
  }

  function sentMessage(entry: Entry): OutgoingMessage[] {
    if (entry.from !== ownName || entry.message === undefined) return [];
    return [{ id: entry.id ?? "", text: entry.message, createdAt: Date.parse(entry.timestamp), state: "sent" }];
  }

  function shown(entry: Entry): void {
    if (isByPeer(entry)) newestByPeer = entry.seq;
    if (isByPeer(entry) || entry.kind === "closed") typing.heard(false);
    standing = follow(standing, entry);
    if (entry.kind !== "message") options.moved();
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
    if (accept(entry)) options.arrived(entry);
  }

  function report(): void {
    const before = receipts.marks();
    receipts.raise(newestByPeer, isVisible && environment.isVisible() ? newestByPeer : 0);
    const after = receipts.marks();
    if (after.read > before.read) options.marked(after);
  }

  function acknowledged(id: string | undefined, seq: number, timestamp: string | undefined): void {
    const message = outbox.messages().find((outgoing) => outgoing.id === id);
    if (!message) return;
    // Settles it too, and only then the next one goes out, with this one below its base.
    push({
      seq,
      kind: "message",
      from: ownName,
      timestamp: timestamp ?? new Date(clock.now()).toISOString(),
      id: message.id,
      message: message.text,
    });
  }

  function refused(frame: ErrorFrame): void {
    if (frame.of === "sendMessage") outbox.refused(frame);
    else if (frame.of === "receipt") receipts.doubt();
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
        if (frame.of === "sendMessage") acknowledged(frame.id, frame.seq, frame.timestamp);
        else commands.acknowledged(frame);
        break;
      case "sync":
        read(frame);
        break;
      case "receipt":
        marked(frame.from, frame);
        break;
      case "typing":
        if (frame.from !== role) typing.heard(frame.typing);
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

  function marked(side: Role, { delivered, read }: Marks): void {
    if (side === role) {
      receipts.confirmed({ delivered, read });
      receipts.flush();
    } else {
      peerMarks = { delivered: Math.max(peerMarks.delivered, delivered), read: Math.max(peerMarks.read, read) };
    }
    changed();
  }

  function down(): void {
    reader.stop();
    receipts.stop();
    cancelSecondChance();
  }

  return {
    contactId,
    view: observable.getSnapshot,
    cursor: log.cursor,
    holds: log.holds,
    receive,
    take: accept,
    takeMarks: (marks) => {
      receipts.confirmed(marks);
      changed();
    },
    isLoaded: reader.isLoaded,
    refresh: changed,
    up: (announce) => {
      reader.up(announce);
      cancelSecondChance();
      cancelSecondChance = clock.after(SECOND_CHANCE_MS, reader.sync);
      commands.up();
    },
    down,
    sync: reader.sync,
    typing: typing.pressed,
    sent: typing.sent,
    setVisible: (visible) => {
      isVisible = visible;
      report();
      changed();
    },
    run: commands.run,
    destroy: () => {
      down();
      typing.stop();
      commands.stop();
    },
  };
}

function entryOf({ action, contact_id, type, ...entry }: MessagePushed): Entry {
  return { ...entry, kind: "message" };
}
