import type { ClientFrame, Role, ServerFrame, SocketListener } from "../../../src/core";
import { checkReceived, SUBPROTOCOL } from "../../protocol/document";
import type { FakeClock } from "../clock";
import type { Network } from "../device";
import { visitorNamed } from "../tokens";
import type { Faults } from "./faults";

const MINUTE_MS = 60_000;
/** API Gateway ends a connection on which nothing is sent for ten minutes, and every one after two hours. */
const IDLE_MS = 10 * MINUTE_MS;
const LIFETIME_MS = 120 * MINUTE_MS;

export interface Person {
  readonly role: Role;
  readonly userId: string;
}

export interface Connection extends Person {
  readonly listener: SocketListener;
  readonly protocols: readonly string[];
  isOpen: boolean;
  /** Neither side is told, but nothing gets through any more. */
  isDead: boolean;
  isListed: boolean;
  /** When something last came or went over it. */
  usedAt: number;
}

/** API Gateway's part: connections that open, carry frames and end. */
export interface Connections {
  readonly opened: { readonly url: string; readonly protocols: readonly string[] }[];
  readonly sockets: Network["sockets"];
  all(): readonly Connection[];
  /** Let those who push see a connection, after a while. */
  list(connection: Connection): void;
  cut(connection: Connection, inSilence: boolean): void;
  deliver(connection: Connection, frame: ServerFrame | string, isLost: boolean): void;
}

export interface Gateway {
  faults(): Faults;
  admitsVisitor(userId: string, proven: string | undefined): boolean;
  received(connection: Connection, frame: ClientFrame): void;
}

export function createConnections(clock: FakeClock, gateway: Gateway): Connections {
  const opened: Connections["opened"] = [];
  let connections: Connection[] = [];

  function open(url: string, protocols: readonly string[], listener: SocketListener) {
    const userId = new URL(url).searchParams.get("userId") ?? "";
    const proven = visitorNamed(protocols[1] ?? "");
    const role: Role = protocols.length > 0 && proven === undefined ? "seller" : "visitor";
    const state = { isOpen: false, isDead: false, isListed: false, usedAt: clock.now() };
    const connection: Connection = { role, userId, listener, protocols, ...state };
    opened.push({ url, protocols });
    clock.after(gateway.faults().latency(), () => upgrade(connection, proven));
    return { send: (text: string) => send(connection, text), close: () => close(connection) };
  }

  function upgrade(connection: Connection, proven: string | undefined): void {
    if (connection.isDead) return;
    // A browser takes no answer for a subprotocol that it did not offer.
    const isAnswered = connection.protocols.length === 0 || connection.protocols.includes(SUBPROTOCOL);
    const isAdmitted = connection.role === "seller" || gateway.admitsVisitor(connection.userId, proven);
    if (!gateway.faults().mayOpen() || !isAdmitted || !isAnswered) {
      connection.listener.closed();
      return;
    }
    connection.isOpen = true;
    connections.push(connection);
    endWhenIdle(connection);
    clock.after(LIFETIME_MS, () => cut(connection, false));
    if (!gateway.faults().takesForDead()) list(connection);
    connection.listener.opened();
  }

  function send(connection: Connection, text: string): void {
    if (!connection.isOpen || connection.isDead || gateway.faults().losesFrame()) return;
    connection.usedAt = clock.now();
    clock.after(gateway.faults().latency(), () => gateway.received(connection, JSON.parse(text)));
  }

  function close(connection: Connection): void {
    connection.isDead = true;
    connections = connections.filter((other) => other !== connection);
  }

  function list(connection: Connection): void {
    clock.after(gateway.faults().lookupDelay(), () => {
      connection.isListed = true;
    });
  }

  function endWhenIdle(connection: Connection): void {
    const idleFor = clock.now() - connection.usedAt;
    if (idleFor >= IDLE_MS) cut(connection, false);
    else if (!connection.isDead) clock.after(IDLE_MS - idleFor, () => endWhenIdle(connection));
  }

  function cut(connection: Connection, inSilence: boolean): void {
    if (connection.isDead) return;
    connection.isDead = true;
    if (inSilence) return;
    connections = connections.filter((other) => other !== connection);
    connection.listener.closed();
  }

  function deliver(connection: Connection, frame: ServerFrame | string, isLost: boolean): void {
    if (isLost) return;
    if (typeof frame !== "string") checkReceived(frame);
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    connection.usedAt = clock.now();
    clock.after(gateway.faults().latency(typeof frame === "string" ? undefined : frame), () => {
      if (connection.isOpen && !connection.isDead) connection.listener.received(text);
    });
  }

  return { opened, sockets: { open }, all: () => connections, list, cut, deliver };
}
