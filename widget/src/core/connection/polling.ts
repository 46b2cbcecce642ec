import type { Cancel, Clock } from "../ports";
import type { ServerFrame } from "../protocol";
import type { Line } from "./link";
import type { Rest } from "./rest";

const FASTEST_POLL_MS = 2_000;
const SLOWEST_POLL_MS = 30_000;

export interface PollingEvents {
  /** REST answers. */
  up(): void;
  /** It does no more. */
  down(): void;
  /** Nothing is pushed: time to ask. */
  poll(): void;
  frame(frame: ServerFrame): void;
}

export interface Polling extends Line {
  start(): void;
}

/** Frames as REST calls: the connection is told again and again to ask, the less often the less there is to hear. */
export function createPolling(clock: Clock, rest: Rest, events: PollingEvents): Polling {
  let isOn = false;
  let isUp = false;
  let delay = FASTEST_POLL_MS;
  let cancel: Cancel = () => {};

  function pollLater(): void {
    cancel();
    cancel = clock.after(delay, poll);
  }

  function poll(): void {
    pollLater();
    delay = Math.min(delay * 1.5, SLOWEST_POLL_MS);
    events.poll();
  }

  function answered(reply: ServerFrame): void {
    events.frame(reply);
    if (!isOn) return;
    if (reply.action === "ack" || (reply.action === "sync" && reply.entries.length > 0)) {
      delay = FASTEST_POLL_MS;
      pollLater();
    }
    if (isUp) return;
    isUp = true;
    events.up();
  }

  function failed(): void {
    if (!isOn) return;
    isUp = false;
    events.down();
  }

  function stop(): void {
    cancel();
    isOn = isUp = false;
    delay = FASTEST_POLL_MS;
  }

  return {
    transport: "rest",
    isUp: () => isUp,
    start: () => {
      isOn = true;
      poll();
    },
    send: (frame) => {
      const answer = rest.send(frame);
      answer?.then(answered, failed);
      return answer !== undefined;
    },
    check: () => {},
    wake: poll,
    retire: stop,
    close: stop,
  };
}
