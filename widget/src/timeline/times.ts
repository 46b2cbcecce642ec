import { inDigits } from "../strings/digits";

/** Dates and times in a person's language. Making a formatter is slow, so each is made once. */
export interface Times {
  /** e.g. 14:05 */
  clock(time: number): string;
  /** e.g. today, yesterday, Monday 23 November */
  day(time: number): string;
}

const DAY_MS = 86_400_000;
const made = new Map<string, Times>();

export function timesIn(spoken: string): Times {
  const tag = inDigits(spoken);
  const known = made.get(tag);
  if (known) return known;
  const clock = new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(tag, { weekday: "long", day: "numeric", month: "long" });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  const times: Times = {
    clock: (time) => clock.format(time),
    day: (time) => {
      const days = Math.round((new Date(time).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY_MS);
      return days > -2 && days <= 0 ? relative.format(days, "day") : date.format(time);
    },
  };
  made.set(tag, times);
  return times;
}
