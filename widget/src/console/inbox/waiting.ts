/** How urgent a wait is: `soon` from three minutes on, `late` from ten. */
export type Urgency = "calm" | "soon" | "late";

const MINUTE_MS = 60_000;
const SOON_MS = 3 * MINUTE_MS;
const LATE_MS = 10 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function urgencyOf(waitsSince: number | undefined, now: number): Urgency {
  if (waitsSince === undefined) return "calm";
  const waited = now - waitsSince;
  return waited >= LATE_MS ? "late" : waited >= SOON_MS ? "soon" : "calm";
}

/** How long ago, in the fewest letters; a date once it is more than a day. */
export function ago(time: number, now: number, tag: string): string {
  const passed = Math.max(0, now - time);
  if (passed < MINUTE_MS) return "now";
  if (passed < HOUR_MS) return `${Math.floor(passed / MINUTE_MS)} min`;
  if (passed < DAY_MS) return `${Math.floor(passed / HOUR_MS)} h`;
  return new Date(time).toLocaleDateString(tag, { dateStyle: "short" });
}
