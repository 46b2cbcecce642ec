import { useEffect, useState } from "preact/hooks";

const TICK_MS = 15_000;

/** The time in milliseconds since the epoch, told anew often enough for minutes to be right. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  // What has been drawn in between is newer than the last tick.
  return Math.max(now, Date.now());
}
