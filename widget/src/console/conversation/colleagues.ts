import type { ConversationView, Entry } from "../../core";
import { type Row, rowsOf } from "../../timeline/rows";

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

/** Whether another seller than this one wrote it. */
export function isByColleague({ contactId, ownName }: ConversationView, { kind, from }: Entry): boolean {
  return kind === "message" && from !== `visitor-${contactId}` && from !== ownName;
}
