import type { Random } from "../ports";

/** How long an answer may take before the same is asked again (docs/protocol.md, "Sending a message exactly once"). */
export const ANSWER_TIMEOUT_MS = 10_000;

/** Exponential backoff with full jitter, so that clients cut off together do not come back together. In milliseconds. */
export function fullJitter(random: Random, attempt: number): number {
  return random.fraction() * Math.min(30_000, 1000 * 2 ** attempt);
}
