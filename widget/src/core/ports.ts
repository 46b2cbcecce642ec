/** What the core needs of the world around it. `src/browser/` has the browser's side of each. */

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once after `milliseconds`, unless cancelled. */
  after(milliseconds: number, callback: () => void): Cancel;
}

export interface Random {
  /** At least 0, below 1. */
  fraction(): number;
  /** At least 122 random bits (RFC 9562 version 4): a device id is a secret. */
  uuid(): string;
}

/** Survives a reload and is shared by all tabs of the device. Never throws. */
export interface KeyValueStore {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** All keys that start with `prefix`, in any order. */
  keys(prefix: string): readonly string[];
}

export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketListener {
  opened(): void;
  received(text: string): void;
  /** Closed, or never opened; called once at most. */
  closed(): void;
}

export interface Sockets {
  /** The listener is called only after `open` has returned. */
  open(url: string, protocols: readonly string[], listener: SocketListener): Socket;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

export interface Http {
  /** Rejects when there was no answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** Says things to the other tabs of this device; never to the tab itself. */
export interface Broadcast {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): Cancel;
}

/** One holder of a name at a time among all tabs; what a closed tab held is free again. */
export interface Locks {
  /**
   * Calls `held` once the name is this tab's, but not before `acquire` has returned. The answer gives it back, or
   * withdraws the wish.
   */
  acquire(name: string, held: () => void): Cancel;
}

export type EnvironmentEvent = "online" | "offline" | "focus";

export interface Environment {
  isOnline(): boolean;
  /** Whether a person can see the page. */
  isVisible(): boolean;
  listen(listener: (event: EnvironmentEvent) => void): Cancel;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: KeyValueStore;
  readonly sockets: Sockets;
  readonly http: Http;
  readonly broadcast: Broadcast;
  readonly locks: Locks;
  readonly environment: Environment;
}
