import type { ConversationView, Entry } from "../../core";
import { type Row, rowsOf } from "../../timeline/rows";
import { transcriptOf } from "../../timeline/transcript";

/** Like `rowsOf`, with what colleagues wrote before on the sellers' side, and with their names. */
export function rowsOfDesk(view: ConversationView): readonly Row[] {
  const writers = new Map<string, string>();
  const items = view.items.map((item) => {
    if (item.kind === "break" || !isByColleague(view, item)) return item;
    writers.set(`entry ${item.seq}`, item.from);
    // Without the id, which is no own message's.
    const { id, ...rest } = item;
    return { ...rest, from: view.ownName };
  });
  return rowsOf({ ...view, items }).map((row) => {
    const writer = writers.get(row.key);
    return row.kind === "message" && writer !== undefined ? { ...row, writer } : row;
  });
}

/** The conversation as plain text. It says of visitors that they are, since they may call themselves like a seller. */
export function transcriptOfDesk(view: ConversationView, name: string): string {
  return transcriptOf(rowsOfDesk(view), { own: "You", peer: `(visitor) ${name}` });
}

/** Whether another seller than this one wrote it. */
export function isByColleague({ contactId, ownName }: ConversationView, { kind, from }: Entry): boolean {
  return kind === "message" && from !== `visitor-${contactId}` && from !== ownName;
}
