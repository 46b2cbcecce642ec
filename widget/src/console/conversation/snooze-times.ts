import { timesIn } from "../../timeline/times";

/** A time that is offered for a chat to come back; by the seller's own clock and calendar. */
export interface SnoozeChoice {
  readonly label: string;
  /** In milliseconds since the epoch. */
  readonly until: number;
}

/** As long as the server takes (docs/protocol.md, "Snooze"). */
export const LONGEST_DAYS = 30;

const LATER_HOURS = 3;
const QUARTER = 15;
const OPENS_AT = 9;
const MONDAY = 1;

/** Later today, if three hours from now are today; tomorrow; Monday, if that is another day. */
export function snoozeChoices(now: number): readonly SnoozeChoice[] {
  const today = new Date(now);
  const later = new Date(now + LATER_HOURS * 3_600_000);
  later.setMinutes(Math.ceil(later.getMinutes() / QUARTER) * QUARTER, 0, 0);
  const tomorrow = morningIn(1, today);
  const monday = morningIn((MONDAY + 7 - today.getDay()) % 7 || 7, today);
  return [
    ...(later.getDate() === today.getDate() ? [{ label: "Later today", until: later.getTime() }] : []),
    { label: "Tomorrow", until: tomorrow },
    ...(monday === tomorrow ? [] : [{ label: "Monday", until: monday }]),
  ];
}

/** Nine o'clock so many days from now, also where the clock is put forward or back in between. */
function morningIn(days: number, from: Date): number {
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, OPENS_AT).getTime();
}

/** As a field for a date and a time has it. */
export function fieldTime(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** A time that is to come: today the clock alone, within a week the day of the week, else the date. */
export function comingTime(time: number, now: number, tag: string): string {
  const [at, today] = [new Date(time), new Date(now)];
  const clock = timesIn(tag).clock(time);
  if (at.toDateString() === today.toDateString()) return clock;
  const isNear = time > now && time < morningIn(6, today);
  const day = at.toLocaleDateString(tag, isNear ? { weekday: "short" } : { day: "numeric", month: "short" });
  return `${day}, ${clock}`;
}
