import type { ConnectionState, CredentialsReason } from "../api";
import type { Cancel, Ports, Socket } from "../ports";
import type { ClientFrame, ServerFrame } from "../protocol";
import { ANSWER_TIMEOUT_MS, fullJitter } from "./question";
import type { Rest } from "./rest";

const OPEN_TIMEOUT_MS = 5_000;
/** What is cut sooner, or carried nothing until then, is no better than what never opened. */
const SETTLED_MS = 2_000;
/** API Gateway ends a WebSocket after ten idle minutes. */
const HEARTBEAT_MS = 4 * 60_000;
/** API Gateway ends every WebSocket after two hours; clients that came together do not leave together. */
const ROTATION_MS = 100 * 60_000;
const ROTATION_JITTER_MS = 10 * 60_000;
/** What was asked on the old socket is still answered there. */
const RETIREMENT_MS = ANSWER_TIMEOUT_MS;
const PING = '{"action":"ping"}';
const FAILURES_BEFORE_FALLBACK = 2;
const FASTEST_POLL_MS = 2_000;
const SLOWEST_POLL_MS = 30_000;

/** What the parts of a chat need of its connection. */
export interface Link {
  /** False when the frame could not even be tried. */
  send(frame: ClientFrame): boolean;
  /** An answer is overdue: find out whether the connection is dead. */
  check(): void;
}

export interface Connection extends Link {
  open(): void;
  close(): void;
  /** Close, and say that it is for good. */
  signOut(): void;
  state(): ConnectionState;
  transport(): "socket" | "rest";
  /** Whether frames can be expected to arrive. */
  isUp(): boolean;
}

export interface Target {
  readonly url: string;
  readonly protocols: readonly string[];
}

export interface ConnectionOptions {
  /** Where to connect to, asked before every socket; undefined signs out. Without it only `rest` is used. */
  readonly target: ((reason: CredentialsReason) => Promise<Target | undefined>) | undefined;
  readonly rest: Rest | undefined;
}

export interface ConnectionEvents {
  /** A connection is there, the first or another one. */
  up(): void;
  /** Answers that are still open will not come. */
  down(): void;
  /** Without a socket nothing is pushed: time to ask. */
  poll(): void;
  frame(frame: ServerFrame): void;
  changed(): void;
}

interface Live {
  readonly socket: Socket;
  readonly timers: Cancel[];
  frames: number;
  isOpen?: boolean;
  isChecked?: boolean;
}

/** Keeps one WebSocket open, and polls over REST for as long as none can be opened or carries nothing. */
export function createConnection(ports: Ports, options: ConnectionOptions, events: ConnectionEvents): Connection {
  const { clock, random, sockets, environment } = ports;
  const { target, rest } = options;
  let state: ConnectionState = "idle";
  let running = false;
  let current: Live | undefined;
  let opening: Live | undefined;
  let dials = 0;
  let isDialing = false;
  let reason: CredentialsReason = "connect";
  let failures = 0;
  let cancelNext: Cancel = () => {};
  let isPolling = false;
  let isRestUp = false;
  let pollDelay = FASTEST_POLL_MS;
  let cancelPoll: Cancel = () => {};
  let stopListening: Cancel = () => {};

  function become(next: ConnectionState): void {
    if (state === next) return;
    state = next;
    events.changed();
  }

  /** The next step towards a connection, or what to do when the one before has taken too long. */
  function next(milliseconds: number, act: () => void): void {
    cancelNext();
    cancelNext = clock.after(milliseconds, act);
  }

  function dial(): void {
    if (!target || !running || isDialing) return;
    isDialing = true;
    const dialled = ++dials;
    // Whoever is asked may never answer.
    next(ANSWER_TIMEOUT_MS, failed);
    target(reason).then(
      (found) => {
        if (dialled !== dials) return;
        if (found) openSocket(found);
        else signOut();
      },
      () => dialled === dials && failed(),
    );
  }

  function openSocket({ url, protocols }: Target): void {
    const socket = sockets.open(url, protocols, {
      // A proxy may open a socket and let nothing through: what REST carries goes on there until the socket has answered.
      opened: () => live === opening && (isPolling ? live.socket.send(PING) : opened(live)),
      received: (text) => {
        if (live === opening) opened(live);
        if (live.isOpen) received(live, text);
      },
      closed: () => lost(live),
    });
    const live: Live = { socket, timers: [], frames: 0 };
    opening = live;
    next(OPEN_TIMEOUT_MS, () => lost(live));
  }

  function opened(live: Live): void {
    cancelNext();
    isDialing = false;
    opening = undefined;
    reason = "connect";
    const previous = current;
    current = live;
    live.isOpen = true;
    heartbeat(live);
    live.timers.push(
      clock.after(SETTLED_MS, () => {
        if (live.frames) failures = 0;
      }),
    );
    live.timers.push(clock.after(ROTATION_MS + random.fraction() * ROTATION_JITTER_MS, dial));
    if (previous) retire(previous);
    stopPolling();
    become("online");
    events.up();
  }

  function retire(live: Live): void {
    stopTimers(live);
    live.timers.push(clock.after(RETIREMENT_MS, () => drop(live)));
  }

  function heartbeat(live: Live): void {
    live.timers.push(
      clock.after(HEARTBEAT_MS, () => {
        probe(live);
        heartbeat(live);
      }),
    );
  }

  /** A socket can be dead without knowing it; one that stays silent after a ping is. */
  function probe(live: Live): void {
    if (live.isChecked) return;
    live.isChecked = true;
    const { frames } = live;
    live.socket.send(PING);
    live.timers.push(
      clock.after(ANSWER_TIMEOUT_MS, () => {
        live.isChecked = false;
        if (live.frames === frames) lost(live);
      }),
    );
  }

  function received(live: Live, text: string): void {
    const frame = parse(text);
    if (!frame) return;
    live.frames++;
    if (frame.action === "error" && frame.code === "session_expired") {
      events.frame(frame);
      reason = "expired";
      lost(live);
      return;
    }
    events.frame(frame);
  }

  function lost(live: Live): void {
    const wasOpening = live === opening;
    const wasCurrent = live === current;
    drop(live);
    if (wasOpening) failed();
    if (!wasCurrent) return;
    current = undefined;
    become("reconnecting");
    events.down();
    redial();
  }

  function failed(): void {
    dials++;
    isDialing = false;
    opening = undefined;
    if (reason === "connect") reason = "refused";
    if (!current && !isRestUp) become("reconnecting");
    redial();
  }

  function redial(): void {
    if (running && !isDialing) next(fullJitter(random, failures++), dial);
    if (!current && failures >= FAILURES_BEFORE_FALLBACK) startPolling();
  }

  function signOut(): void {
    close();
    become("signed_out");
  }

  function drop(live: Live | undefined): void {
    if (!live) return;
    stopTimers(live);
    live.isOpen = false;
    live.socket.close();
  }

  function stopTimers(live: Live): void {
    for (const cancel of live.timers.splice(0)) cancel();
  }

  function startPolling(): void {
    if (!rest || isPolling) return;
    isPolling = true;
    poll();
  }

  function stopPolling(): void {
    cancelPoll();
    isPolling = false;
    isRestUp = false;
    pollDelay = FASTEST_POLL_MS;
  }

  function poll(): void {
    cancelPoll();
    cancelPoll = clock.after(pollDelay, poll);
    pollDelay = Math.min(pollDelay * 1.5, SLOWEST_POLL_MS);
    events.poll();
  }

  function sendByRest(frame: ClientFrame): boolean {
    const answer = rest?.send(frame);
    answer?.then(
      (reply) => running && answeredByRest(reply),
      () => running && isPolling && restFailed(),
    );
    return answer !== undefined;
  }

  function answeredByRest(reply: ServerFrame): void {
    const wasUp = isRestUp || !isPolling;
    events.frame(reply);
    if (!isPolling) return;
    isRestUp = true;
    if (reply.action === "ack" || (reply.action === "sync" && reply.entries.length > 0)) {
      pollDelay = FASTEST_POLL_MS;
      cancelPoll();
      cancelPoll = clock.after(pollDelay, poll);
    }
    become("online");
    if (!wasUp) events.up();
  }

  function restFailed(): void {
    isRestUp = false;
    become("reconnecting");
    events.down();
  }

  function wake(): void {
    if (current) probe(current);
    else dial();
    if (isPolling) poll();
  }

  function close(): void {
    running = false;
    dials++;
    isDialing = false;
    cancelNext();
    stopPolling();
    stopListening();
    const hadConnection = current;
    for (const live of [current, opening]) drop(live);
    current = opening = undefined;
    if (hadConnection) events.down();
    become("idle");
  }

  return {
    open: () => {
      if (running) return;
      running = true;
      become("connecting");
      stopListening = environment.listen((event) => {
        if (event === "online") failures = 0;
        if (event !== "offline") wake();
        events.changed();
      });
      if (target) dial();
      else startPolling();
    },
    close,
    signOut,
    check: () => current && probe(current),
    send: (frame) => {
      if (current) current.socket.send(JSON.stringify(frame));
      return current !== undefined || (isPolling && sendByRest(frame));
    },
    isUp: () => current !== undefined || isRestUp,
    transport: () => (isPolling ? "rest" : "socket"),
    state: () => (running && state !== "online" && !environment.isOnline() ? "offline" : state),
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
