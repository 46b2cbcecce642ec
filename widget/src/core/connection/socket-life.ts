import type { Cancel, Ports } from "../ports";
import type { ServerFrame } from "../protocol";
import type { Line } from "./link";
import { ANSWER_TIMEOUT_MS } from "./timing";

/** What is cut sooner after its first frame, or carries none, is no better than what never opened. */
const SETTLED_MS = 2_000;
/** API Gateway ends a WebSocket after ten idle minutes; what arrives shows as well as a ping's answer that it lives. */
const HEARTBEAT_MS = 4 * 60_000;
/** API Gateway ends every WebSocket after two hours; clients that came together do not leave together. */
const ROTATION_MS = 100 * 60_000;
const ROTATION_JITTER_MS = 10 * 60_000;
/** What was asked on the old socket is still answered there. */
const RETIREMENT_MS = ANSWER_TIMEOUT_MS;
const PING = '{"action":"ping"}';

export interface Target {
  readonly url: string;
  readonly protocols: readonly string[];
}

export interface SocketEvents {
  /** Whether the socket must carry a frame before it counts as open. */
  mustAnswer(): boolean;
  opened(): void;
  /** It has carried something, and lived on for a while. */
  settled(): void;
  /** Its end is near: time for another one. */
  due(): void;
  frame(frame: ServerFrame): void;
  expired(): void;
  /** It is closed, or dead. Not called for what `close` has ended. */
  lost(): void;
}

/** One socket from the moment in which it is opened, which may never come to an end, to its own end. */
export function createSocketLife({ clock, random, sockets }: Ports, target: Target, events: SocketEvents): Line {
  const timers: Cancel[] = [];
  let stage: "first" | "open" | "closed" = "first";
  let frames = 0;
  let isChecked = false;
  let cancelHeartbeat: Cancel = () => {};

  const socket = sockets.open(target.url, target.protocols, {
    opened: () => {
      if (stage !== "first") return;
      // A proxy may open a socket and let nothing through.
      if (events.mustAnswer()) socket.send(PING);
      else begin();
    },
    received: (text) => {
      if (stage === "first") begin();
      if (stage === "open") received(text);
    },
    closed: lost,
  });

  function after(milliseconds: number, act: () => void): void {
    timers.push(clock.after(milliseconds, act));
  }

  function begin(): void {
    stage = "open";
    heartbeat();
    after(ROTATION_MS + random.fraction() * ROTATION_JITTER_MS, events.due);
    events.opened();
  }

  function heartbeat(): void {
    cancelHeartbeat();
    cancelHeartbeat = clock.after(HEARTBEAT_MS, () => {
      probe();
      heartbeat();
    });
  }

  /** A socket can be dead without knowing it; one that stays silent after a ping is. */
  function probe(): void {
    if (isChecked) return;
    isChecked = true;
    const before = frames;
    socket.send(PING);
    after(ANSWER_TIMEOUT_MS, () => {
      isChecked = false;
      if (frames === before) lost();
    });
  }

  function received(text: string): void {
    // API Gateway's own frames, throttled or empty, say nothing but that the socket lives.
    if (!frames++) after(SETTLED_MS, events.settled);
    heartbeat();
    const frame = parse(text);
    if (!frame) return;
    events.frame(frame);
    if (frame.action !== "error" || frame.code !== "session_expired") return;
    events.expired();
    lost();
  }

  function lost(): void {
    if (stage === "closed") return;
    close();
    events.lost();
  }

  function stopTimers(): void {
    cancelHeartbeat();
    for (const cancel of timers.splice(0)) cancel();
  }

  function close(): void {
    stopTimers();
    stage = "closed";
    socket.close();
  }

  return {
    transport: "socket",
    isUp: () => stage === "open",
    send: (frame) => {
      socket.send(JSON.stringify(frame));
      return true;
    },
    check: probe,
    wake: probe,
    retire: () => {
      stopTimers();
      after(RETIREMENT_MS, close);
    },
    close,
  };
}

function parse(text: string): ServerFrame | undefined {
  try {
    const frame: Partial<ServerFrame> | null = JSON.parse(text);
    return frame?.action && (frame as ServerFrame);
  } catch {
    // A frame that is no JSON says nothing; what it should have said is found at the next sync.
    return undefined;
  }
}
