import type { LogItem } from "../api";
import type { Entry, Synced } from "../protocol";

/** What a client holds of a contact's log: always a prefix of it, in its order. */
export interface Log {
  /** The highest number up to which every entry is held, or known to be gone. */
  cursor(): number;
  items(): readonly LogItem[];
  /** Entries that wait for what precedes them. */
  early(): readonly Entry[];
  holds(id: string): boolean;
  /** True when the entry is new to this log, whether or not it can be shown yet. */
  add(entry: Entry): boolean;
  /** Takes an answer to a sync that asked for what follows `asked`; undefined if it answers an earlier one. */
  addPage(page: Synced, asked: number | undefined): void;
}

/** `shown` is called for each entry as it joins the prefix, `dropped` when everything has to be read anew. */
export function createLog(shown: (entry: Entry) => void, dropped: () => void): Log {
  let items: readonly LogItem[] = [];
  let cursor = 0;
  const early = new Map<number, Entry>();

  function showWhatFollows(): void {
    const following: Entry[] = [];
    for (let next = early.get(cursor + 1); next; next = early.get(cursor + 1)) {
      following.push(next);
      cursor = next.seq;
    }
    for (const seq of early.keys()) if (seq <= cursor) early.delete(seq);
    if (!following.length) return;
    items = [...items, ...following];
    following.forEach(shown);
  }

  function add(entry: Entry): boolean {
    if (entry.seq <= cursor || early.has(entry.seq)) return false;
    early.set(entry.seq, entry);
    showWhatFollows();
    return true;
  }

  function skip(from: number, to: number): void {
    if (from > cursor + 1 || to <= cursor) return;
    items = [...items, { kind: "break", from: cursor + 1, to }];
    cursor = to;
    showWhatFollows();
  }

  function startOver(first: number): void {
    items = [];
    cursor = 0;
    early.clear();
    dropped();
    skip(1, first - 1);
  }

  return {
    cursor: () => cursor,
    items: () => items,
    early: () => [...early.values()].sort((a, b) => a.seq - b.seq),
    holds: (id) => [...items, ...early.values()].some((item) => "id" in item && item.id === id),
    add,
    addPage: ({ gap, entries }, asked) => {
      if (gap?.reason === "expired") skip(gap.from, gap.to);
      // A late answer to an earlier question must not undo what was read since.
      if (gap?.reason === "unknown_cursor" && gap.to === asked) startOver(entries[0]?.seq ?? 1);
      entries.forEach(add);
    },
  };
}
