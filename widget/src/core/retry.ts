import type { Random } from "./ports";
import type { ErrorFrame } from "./protocol";

/** How long an answer may take before the same frame is sent again (docs/protocol.md, "Sending a message exactly once"). */
export const ANSWER_TIMEOUT_MS = 10_000;

/** Exponential backoff with full jitter, so that clients cut off together do not come back together. In milliseconds. */
export function fullJitter(random: Random, attempt: number): number {
  return random.fraction() * Math.min(30_000, 1000 * 2 ** attempt);
}

/** How long to wait before the same frame is sent again, in milliseconds; undefined if that is no use. */
export function retryDelay(error: ErrorFrame, random: Random, attempt: number): number | undefined {
  if (error.code !== "try_again" && error.code !== "slow_down") return undefined;
  return (error.retry_after_ms ?? 500) + fullJitter(random, attempt - 1);
}
