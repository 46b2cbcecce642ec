import type { ConnectionState } from "../api";
import type { Cancel, Ports } from "../ports";
import type { ServerFrame } from "../protocol";
import { createDialling, type FindTarget } from "./dialling";
import type { Line, Link } from "./link";
import { createPolling } from "./polling";
import type { Rest } from "./rest";

const FAILURES_BEFORE_FALLBACK = 2;

export interface Connection extends Link {
  open(): void;
  close(): void;
  /** Close, and say that it is for good. */
  signOut(): void;
  state(): ConnectionState;
  transport(): Line["transport"];
  /** Whether frames can be expected to arrive. */
  isUp(): boolean;
}

export interface ConnectionOptions {
  /** Without it only `rest` is used. */
  readonly target: FindTarget | undefined;
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

/** Keeps one WebSocket open, and polls over REST for as long as none can be opened or carries nothing. */
export function createConnection(
  ports: Ports,
  { target, rest }: ConnectionOptions,
  events: ConnectionEvents,
): Connection {
  const { clock, environment } = ports;
  let state: ConnectionState = "idle";
  let isRunning = false;
  let line: Line | undefined;
  let stopListening: Cancel = () => {};

  const polling =
    rest &&
    createPolling(clock, rest, {
      up,
      down,
      poll: events.poll,
      frame: (frame) => isRunning && events.frame(frame),
    });
  const dialling =
    target &&
    createDialling(ports, target, {
      // What REST carries goes on there until the socket has answered.
      mustAnswer: () => line !== undefined && line === polling,
      opened: (socket) => {
        const before = line;
        line = socket;
        before?.retire();
        up();
      },
      frame: events.frame,
      lost: (socket) => {
        if (socket !== line) return;
        line = undefined;
        down();
        redial();
      },
      failed: () => {
        if (!line?.isUp()) become("reconnecting");
        redial();
      },
      signedOut: signOut,
    });

  function become(next: ConnectionState): void {
    if (state === next) return;
    state = next;
    events.changed();
  }

  function up(): void {
    become("online");
    events.up();
  }

  function down(): void {
    become("reconnecting");
    events.down();
  }

  function redial(): void {
    if (!isRunning || !dialling) return;
    dialling.redial();
    if (dialling.failures() >= FAILURES_BEFORE_FALLBACK) fallBack();
  }

  function fallBack(): void {
    if (line || !polling) return;
    line = polling;
    polling.start();
  }

  function wake(): void {
    if (line?.transport !== "socket") dialling?.dial();
    line?.wake();
  }

  function close(): void {
    isRunning = false;
    dialling?.stop();
    stopListening();
    const last = line;
    const wasUp = last?.isUp();
    line = undefined;
    last?.close();
    if (wasUp) events.down();
    become("idle");
  }

  function signOut(): void {
    close();
    become("signed_out");
  }

  return {
    open: () => {
      if (isRunning) return;
      isRunning = true;
      become("connecting");
      stopListening = environment.listen((event) => {
        if (event === "online") dialling?.forgive();
        if (event !== "offline") wake();
        events.changed();
      });
      if (dialling) dialling.dial();
      else fallBack();
    },
    close,
    signOut,
    check: () => line?.check(),
    send: (frame) => line?.send(frame) ?? false,
    isUp: () => line?.isUp() ?? false,
    transport: () => line?.transport ?? "socket",
    state: () => (isRunning && state !== "online" && !environment.isOnline() ? "offline" : state),
  };
}
