import type { ClientFrame } from "../protocol";

/** What the parts of a chat need of its connection. */
export interface Link {
  /** False when the frame could not even be tried. */
  send(frame: ClientFrame): boolean;
  /** An answer is overdue: find out whether the connection is dead. */
  check(): void;
}

/** What carries frames: a WebSocket, or REST for as long as no socket does. */
export interface Line extends Link {
  readonly transport: "socket" | "rest";
  /** Whether frames can be expected to arrive. */
  isUp(): boolean;
  /** The person is back: what has happened since shall be known soon. */
  wake(): void;
  /** Another line has taken over; answers that are under way may still come. */
  retire(): void;
  close(): void;
}
