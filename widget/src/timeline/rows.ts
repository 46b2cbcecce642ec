import type { ConversationView, Entry, FailureCode, LogItem, OutgoingMessage } from "../core";

/** How far a message of this side has come. */
export type DeliveryState = "sending" | "sent" | "delivered" | "read" | "failed";

export interface MessageRow {
  readonly kind: "message";
  readonly key: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly isOwn: boolean;
  /** Whose it is, where one side has several people. */
  readonly writer?: string;
  /** Whether it follows another one of the same person closely. */
  readonly isContinued: boolean;
  /** Whether another one of the same person follows closely. */
  readonly isFollowed: boolean;
  /** Of this side's messages only. */
  readonly state?: DeliveryState;
  /** Of this side's messages that the server has not confirmed; what `retry` and `discard` take. */
  readonly outgoingId?: string;
  /** Why it failed. */
  readonly failure?: FailureCode | undefined;
}

export type Row =
  | MessageRow
  | { readonly kind: "day"; readonly key: string; readonly time: number }
  | { readonly kind: "note"; readonly key: string; readonly entry: Entry }
  | { readonly kind: "break"; readonly key: string };

const TOGETHER_MS = 5 * 60_000;

/** What to draw, from top to bottom: messages with a line at each new day and at each thing that happened. */
export function rowsOf(view: ConversationView): readonly Row[] {
  const rows = createRows();
  for (const item of view.items) addItem(rows, view, item);
  for (const message of view.outgoing) rows.addMessage(outgoingRow(message));
  return rows.all;
}

/** The rows of conversations that are over, above the one that goes on. */
export function earlierRows(views: readonly ConversationView[]): readonly Row[] {
  return views.flatMap((view) =>
    rowsOf({ ...view, outgoing: [] }).map((row) => ({ ...row, key: `${view.contactId} ${row.key}` })),
  );
}

/** The rows of a chat that has not started yet. */
export function outgoingRows(outgoing: readonly OutgoingMessage[]): readonly Row[] {
  const rows = createRows();
  for (const message of outgoing) rows.addMessage(outgoingRow(message));
  return rows.all;
}

type NewMessage = Omit<MessageRow, "isContinued" | "isFollowed">;

interface Rows {
  readonly all: Row[];
  addMessage(row: NewMessage): void;
  addOther(row: Row, time: number): void;
}

function createRows(): Rows {
  const all: Row[] = [];
  let day = "";
  let previous: MessageRow | undefined;

  function startDay(time: number): void {
    const next = new Date(time).toDateString();
    if (next === day) return;
    day = next;
    previous = undefined;
    all.push({ kind: "day", key: `day ${day} ${all.length}`, time });
  }

  return {
    all,
    addMessage: (row) => {
      startDay(row.time);
      const isContinued = previous?.isOwn === row.isOwn && row.time - previous.time < TOGETHER_MS;
      if (previous && isContinued) all[all.length - 1] = { ...previous, isFollowed: true };
      previous = { ...row, isContinued, isFollowed: false };
      all.push(previous);
    },
    addOther: (row, time) => {
      if (time) startDay(time);
      previous = undefined;
      all.push(row);
    },
  };
}

function addItem(rows: Rows, view: ConversationView, item: LogItem): void {
  if (item.kind === "break") rows.addOther({ kind: "break", key: `break ${item.from}` }, 0);
  else if (item.kind === "message") rows.addMessage(storedRow(view, item));
  else rows.addOther({ kind: "note", key: `entry ${item.seq}`, entry: item }, Date.parse(item.timestamp));
}

function storedRow({ ownName, peerMarks }: ConversationView, entry: Entry): NewMessage {
  const isOwn = entry.from === ownName;
  return {
    kind: "message",
    // Known by the id it had while it was under way, so that it keeps its element.
    key: isOwn && entry.id ? entry.id : `entry ${entry.seq}`,
    text: entry.message ?? "",
    time: Date.parse(entry.timestamp),
    isOwn,
    ...(isOwn && {
      state: entry.seq <= peerMarks.read ? "read" : entry.seq <= peerMarks.delivered ? "delivered" : "sent",
    }),
  };
}

function outgoingRow({ id, text, createdAt, state, failure }: OutgoingMessage): NewMessage {
  return { kind: "message", key: id, text, time: createdAt, isOwn: true, state, failure, outgoingId: id };
}
