import type { FailureCode, OutgoingMessage } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Cancel, Ports } from "../ports";
import type { ErrorCode, ErrorFrame, SendMessageFrame } from "../protocol";

const MAX_ATTEMPTS = 10;
/** Nobody wants what he wrote ten minutes ago to be sent without being asked. */
const MAX_AGE_MS = 10 * 60_000;
/** How often it is looked whether all is sent. */
const POLL_MS = 200;
/** A suspended tab keeps its lock. To go ahead without is safe: sent by two tabs, a message is still stored once. */
const LOCK_PATIENCE_MS = 15_000;

/** A message until it is acknowledged, as it is stored. `base` is frozen at the first attempt and goes with `contactId`. */
export interface QueuedMessage {
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
  /** When it was last asked to be sent: `createdAt`, or the last `retry`. */
  readonly since: number;
  readonly attempts: number;
  readonly contactId?: string;
  readonly base?: number;
  readonly failure?: FailureCode;
}

export interface OutboxOptions {
  /** Storage keys and the lock start with it. */
  readonly scope: string;
  readonly link: Link;
  /** The contact to send to and one's cursor in it; undefined while there is none to send to. */
  readonly destination: () => { readonly contactId: string; readonly cursor: number } | undefined;
  /** Whether the log already has a message of that id. */
  readonly isStored: (id: string) => boolean;
  /** Called for an error that is no use to retry; true if the message shall wait for another contact. */
  readonly shallWait: (code: ErrorCode) => boolean;
  readonly changed: () => void;
  /** What the other tabs see in storage has changed. */
  readonly stored: () => void;
}

/** One's own messages that are not acknowledged yet: in order, one at a time, over reloads and for all tabs of a device. */
export interface Outbox {
  messages(): readonly OutgoingMessage[];
  add(text: string): string;
  retry(id: string): void;
  discard(id: string): void;
  /** The message of that id is in the log. */
  settle(id: string): void;
  refused(error: ErrorFrame): void;
  /** Give up everything that waits. */
  failAll(failure: FailureCode): void;
  /** Forget everything. */
  clear(): void;
  /** Send what can be sent. */
  pump(): void;
  /** The connection is gone; what was sent is in doubt and will be sent again. */
  stop(): void;
  /** Do something once nothing waits, or at once when the chat is left: what was written before the end is stored before it. */
  afterwards<T>(act: () => Promise<T>): Promise<T>;
  /** Another tab may have changed what is stored; if it told so, nothing else has. */
  reload(isTold?: boolean): void;
  /** Stop for good. */
  destroy(): void;
}

export function createOutbox(ports: Ports, options: OutboxOptions): Outbox {
  const { clock, random, store, locks } = ports;
  const prefix = `${options.scope}outbox:`;
  let queue: readonly QueuedMessage[] = [];
  let inFlight: string | undefined;
  let release: Cancel | undefined;
  let mayTransmit = false;
  let isLeft = false;
  let patience = LOCK_PATIENCE_MS;
  let cancelPatience: Cancel = () => {};
  let cancelAgeing: Cancel = () => {};

  // Keys sort by time, so that messages of several tabs have one order.
  const keyOf = ({ createdAt, id }: QueuedMessage) => `${prefix}${String(createdAt).padStart(15, "0")}:${id}`;
  const find = (id: string) => queue.find((message) => message.id === id);
  const next = () => queue.find((message) => !message.failure);
  const isTooOld = (since: number) => clock.now() - since > MAX_AGE_MS;

  function load(): void {
    // Nothing at all is left: that was the page, which cleared its storage, and no tab of ours.
    if (!store.keys(options.scope).length) queue.forEach(keep);
    queue = [...store.keys(prefix)].sort().flatMap(read);
    watchAge();
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

  /** Also without a connection a message fails visibly in the end. */
  function watchAge(): void {
    cancelAgeing();
    const oldest = next();
    if (!oldest) return;
    const left = Math.max(0, oldest.since + MAX_AGE_MS - clock.now());
    // A clock that was set back may have left one in a far future, and a timer takes no more than 24 days.
    cancelAgeing = clock.after(Math.min(left, MAX_AGE_MS) + 1_000, expire);
  }

  function expire(): void {
    for (const message of queue) {
      if (!message.failure && message.id !== inFlight && isTooOld(message.since)) failed(message, "too_old");
    }
    // The clock may have been set back, and what is under way is not given up yet.
    watchAge();
  }

  function update(message: QueuedMessage): void {
    load();
    // What another tab has settled or discarded must not come back.
    if (find(message.id)) put(message);
  }

  function keep(message: QueuedMessage): void {
    store.set(keyOf(message), JSON.stringify(message));
  }

  function put(message: QueuedMessage): void {
    keep(message);
    load();
    touched();
  }

  function touched(): void {
    options.changed();
    options.stored();
  }

  function remove(id: string): void {
    const message = find(id);
    if (message) {
      store.remove(keyOf(message));
      queue = queue.filter((other) => other !== message);
      touched();
    }
    if (inFlight === id) question.answered();
  }

  function pump(): void {
    if (!next() || !options.destination()) letGo();
    else if (!release) claim();
    else if (mayTransmit && !question.isOpen()) question.ask();
  }

  function claim(): void {
    const claimed = (nextPatience: number) => {
      cancelPatience();
      patience = nextPatience;
      mayTransmit = true;
      load();
      pump();
    };
    // Who keeps the lock for so long is not waited for again, until it is known that he has let go.
    cancelPatience = clock.after(patience, () => claimed(0));
    release = locks.acquire(`${options.scope}outbox`, () => claimed(LOCK_PATIENCE_MS));
  }

  function letGo(): void {
    cancelPatience();
    release?.();
    release = undefined;
    mayTransmit = false;
  }

  function nextFrame(): SendMessageFrame | undefined {
    inFlight = undefined;
    // Another tab may have settled or discarded something meanwhile.
    load();
    const destination = options.destination();
    for (let message = next(); message && destination; message = next()) {
      const failure = reasonToGiveUp(message);
      if (options.isStored(message.id)) remove(message.id);
      else if (failure) failed(message, failure);
      else return attempt(message, destination.contactId, destination.cursor);
    }
    letGo();
    return undefined;
  }

  function attempt(message: QueuedMessage, contactId: string, cursor: number): SendMessageFrame {
    // Frozen at the first attempt; another contact knows nothing of it, so there it gets a new one.
    const base = message.contactId === contactId ? (message.base ?? cursor) : cursor;
    update({ ...message, contactId, base, attempts: message.attempts + 1 });
    inFlight = message.id;
    return { action: "sendMessage", contact_id: contactId, message: message.text, id: message.id, base };
  }

  function reasonToGiveUp({ attempts, since }: QueuedMessage): FailureCode | undefined {
    if (attempts >= MAX_ATTEMPTS) return "unanswered";
    return isTooOld(since) ? "too_old" : undefined;
  }

  function stop(): void {
    question.stop();
    inFlight = undefined;
    letGo();
    watchAge();
  }

  function failed(message: QueuedMessage, failure: FailureCode): void {
    update({ ...message, failure });
  }

  function add(text: string): string {
    load();
    const now = Math.max(clock.now(), (queue.at(-1)?.createdAt ?? 0) + 1);
    const id = random.uuid();
    // Half of a character, as where a text was cut, could not be sent.
    put({ id, text: text.toWellFormed(), createdAt: now, since: now, attempts: 0 });
    pump();
    return id;
  }

  const question = createQuestion(ports, options.link, nextFrame);
  load();

  return {
    messages: () => queue.map(shown),
    add,
    retry: (id) => {
      load();
      const message = find(id);
      if (!message?.failure) return;
      const { failure, ...rest } = message;
      if (failure === "bad_field") {
        // Its base lies too far back, and goes with its id.
        remove(id);
        add(rest.text);
      } else update({ ...rest, since: clock.now(), attempts: 0 });
      pump();
    },
    discard: (id) => {
      if (find(id)?.failure) remove(id);
    },
    afterwards: async (act) => {
      isLeft = false;
      while (next() && !isLeft) await new Promise<void>((wake) => void clock.after(POLL_MS, wake));
      return act();
    },
    settle: (id) => {
      if (!find(id)) return;
      remove(id);
      pump();
    },
    refused: (error) => {
      const message = find(error.id ?? "");
      if (!message || inFlight !== message.id || question.refused(error)) return;
      inFlight = undefined;
      if (!options.shallWait(error.code)) failed(message, error.code);
      pump();
    },
    failAll: (failure) => {
      for (const message of queue) if (!message.failure) failed(message, failure);
    },
    clear: () => {
      for (const { id } of queue) remove(id);
      stop();
    },
    pump,
    stop,
    reload: (isTold) => {
      if (isTold) queue = [];
      load();
      for (const { id } of queue) if (options.isStored(id)) remove(id);
      if (inFlight && !find(inFlight)) question.answered();
      options.changed();
      pump();
    },
    destroy: () => {
      isLeft = true;
      stop();
      cancelAgeing();
    },
  };
}

function shown({ id, text, createdAt, failure }: QueuedMessage): OutgoingMessage {
  return { id, text, createdAt, ...(failure ? { state: "failed", failure } : { state: "sending" }) };
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
