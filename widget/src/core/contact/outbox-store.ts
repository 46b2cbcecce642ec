import type { FailureCode } from "../api";
import type { KeyValueStore } from "../ports";

/** A message until it is acknowledged, as it is stored. */
export interface QueuedMessage {
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
  /** When it was last asked to be sent: `createdAt`, or the last `retry`. */
  readonly since: number;
  readonly attempts: number;
  readonly failure?: FailureCode;
}

/** The messages as all tabs of a device store them, in the order in which they were written. */
export interface OutboxStore {
  messages(): readonly QueuedMessage[];
  find(id: string): QueuedMessage | undefined;
  /** The first one that has not failed. */
  next(): QueuedMessage | undefined;
  /** Read what is stored: another tab may have changed it. */
  load(): void;
  /** Take what is stored for the truth, even where nothing is left. */
  forget(): void;
  put(message: QueuedMessage): void;
  /** As `put`, but what another tab has settled or discarded does not come back. */
  update(message: QueuedMessage): void;
  remove(id: string): void;
}

export interface OutboxStoreEvents {
  /** Read anew, by itself or by a change. */
  loaded(): void;
  /** Changed by this tab. */
  touched(): void;
}

/** `scope` is what all keys of this chat start with. */
export function createOutboxStore(store: KeyValueStore, scope: string, events: OutboxStoreEvents): OutboxStore {
  const prefix = `${scope}outbox:`;
  let messages: readonly QueuedMessage[] = [];

  // Keys sort by time, so that messages of several tabs have one order.
  const keyOf = ({ createdAt, id }: QueuedMessage) => `${prefix}${String(createdAt).padStart(15, "0")}:${id}`;
  const find = (id: string) => messages.find((message) => message.id === id);

  function load(): void {
    // Nothing at all is left: that was the page, which cleared its storage, and no tab of ours.
    if (!store.keys(scope).length) messages.forEach(keep);
    messages = [...store.keys(prefix)].sort().flatMap(read);
    events.loaded();
  }

  /** What is no message is dropped, and one under another key goes under its own: else it would be found again for ever. */
  function read(key: string): readonly QueuedMessage[] {
    const message = parse(store.get(key) ?? "null");
    if (message && keyOf(message) === key) return [message];
    store.remove(key);
    if (!message || store.get(keyOf(message)) !== undefined) return [];
    keep(message);
    return [message];
  }

  function keep(message: QueuedMessage): void {
    store.set(keyOf(message), JSON.stringify(message));
  }

  function put(message: QueuedMessage): void {
    keep(message);
    load();
    events.touched();
  }

  return {
    messages: () => messages,
    find,
    next: () => messages.find((message) => !message.failure),
    load,
    forget: () => {
      messages = [];
      load();
    },
    put,
    update: (message) => {
      load();
      if (find(message.id)) put(message);
    },
    remove: (id) => {
      const message = find(id);
      if (!message) return;
      store.remove(keyOf(message));
      messages = messages.filter((other) => other !== message);
      events.touched();
    },
  };
}

/** Another script of the page, or another version of this one, may have written here. */
function parse(stored: string): QueuedMessage | undefined {
  try {
    const message = JSON.parse(stored);
    const { id, text, createdAt, since, attempts } = message;
    const isMessage = [id, text].every(isText) && [createdAt, since].every(isTime) && Number.isInteger(attempts);
    return isMessage ? message : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** Within what a Date can say. */
function isTime(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 8e15;
}
