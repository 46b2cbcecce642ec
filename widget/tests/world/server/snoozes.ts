import type { Entry, ListedSnooze, ServerFrame, SnoozeFrame } from "../../../src/core";
import { errorOf } from "./frames";

export interface HeldSnooze extends ListedSnooze {
  readonly id: string | undefined;
  /** Ended by the seller. */
  readonly isOver: boolean;
}

interface Known {
  readonly id: string;
  readonly log: readonly Entry[];
  readonly seller: string | undefined;
  readonly status: string;
  snooze?: HeldSnooze | undefined;
}

const LONGEST_MS = 30 * 86_400_000;

/** What becomes of a seller's wish, as docs/protocol.md says under "Snooze". */
export function snoozeIn(found: Known, frame: SnoozeFrame, now: number): ServerFrame {
  const { until, ends, id, base = found.log.length } = frame;
  if (until !== undefined && found.status !== "open") return errorOf(frame, "contact_closed");
  const isRepeated = id !== undefined && found.snooze?.id === id;
  if (until !== undefined && !isRepeated) {
    const away = Date.parse(until) - now;
    if (!(away > 0 && away <= LONGEST_MS)) return errorOf(frame, "bad_field");
    const seq = Math.min(base, found.log.length);
    if (!isBehind(found, seq)) found.snooze = { until, seq, id, isOver: false };
  } else if (ends !== undefined && found.snooze?.until === ends) found.snooze = { ...found.snooze, isOver: true };
  const { snooze } = listedSnooze(found);
  return { action: "snooze", contact_id: found.id, ...snooze };
}

export function listedSnooze(found: Known): { readonly snooze?: ListedSnooze } {
  const { snooze } = found;
  if (!snooze || snooze.isOver || found.status !== "open" || isBehind(found, snooze.seq)) return {};
  return { snooze: { until: snooze.until, seq: snooze.seq } };
}

/** Whether something came after an entry that brings the contact back. */
function isBehind({ log, seller }: Known, after: number): boolean {
  return log.some(
    ({ seq, kind, from }) => seq > after && (kind === "message" ? from !== seller : kind !== "identified"),
  );
}
