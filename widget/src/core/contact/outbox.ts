import type { FailureCode, OutgoingMessage } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Cancel, Ports } from "../ports";
import type { ErrorCode, ErrorFrame, SendMessageFrame } from "../protocol";
import { createOutboxStore, type QueuedMessage } from "./outbox-store";
import { createTurn } from "./turn";

const MAX_ATTEMPTS = 10;
/** Nobody wants a text of ten minutes ago to be sent without being asked. */
const MAX_AGE_MS = 10 * 60_000;

/** The contact to send to, and how far its log is known. */
export interface Destination {
  readonly contactId: string;
  readonly cursor: number;
}

export interface OutboxOptions {
  /** Storage keys and the lock start with it. */
  readonly scope: string;
  readonly link: Link;
  /** Undefined while there is nothing to send to. */
  readonly destination: () => Destination | undefined;
  /** Whether the log already has a message of that id. */
  readonly isStored: (id: string) => boolean;
  /** Called for an error that is no use to retry; true if the message shall wait for another contact. */
  readonly shallWait: (code: ErrorCode) => boolean;
  readonly changed: () => void;
  /** What the other tabs see in storage has changed. */
  readonly stored: () => void;
}

/** This side's messages that are not acknowledged yet: in order, one at a time, over reloads and for all tabs of a device. */
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
  const { clock, random } = ports;
  let inFlight: string | undefined;
  let isLeft = false;
  const waiting: (() => void)[] = [];
  let cancelAgeing: Cancel = () => {};

  const isTooOld = (since: number) => clock.now() - since > MAX_AGE_MS;

  const queue = createOutboxStore(ports.store, options.scope, {
    loaded: () => {
      watchAge();
      wakeWaiting();
    },
    touched: () => {
      options.changed();
      options.stored();
      wakeWaiting();
    },
  });
  const turn = createTurn(ports, `${options.scope}outbox`, () => {
    queue.load();
    pump();
  });
  const question = createQuestion(ports, options.link, nextFrame);

  /** Also without a connection a message fails visibly in the end. */
  function watchAge(): void {
    cancelAgeing();
    const oldest = queue.next();
    if (!oldest) return;
    const left = Math.max(0, oldest.since + MAX_AGE_MS - clock.now());
    // A clock that was set back may have left one in a far future, and a timer takes no more than 24 days.
    cancelAgeing = clock.after(Math.min(left, MAX_AGE_MS) + 1_000, expire);
  }

  function expire(): void {
    for (const message of queue.messages()) {
      if (!message.failure && message.id !== inFlight && isTooOld(message.since)) failed(message, "too_old");
    }
    // The clock may have been set back, and what is under way is not given up yet.
    watchAge();
  }

  function wakeWaiting(): void {
    if (queue.next() && !isLeft) return;
    for (const wake of waiting.splice(0)) wake();
  }

  function remove(id: string): void {
    queue.remove(id);
    if (inFlight === id) question.answered();
  }

  function pump(): void {
    if (!queue.next() || !options.destination()) turn.letGo();
    else if (!turn.isOwn()) turn.wish();
    else if (!question.isOpen()) question.ask();
  }

  function nextFrame(): SendMessageFrame | undefined {
    inFlight = undefined;
    // Another tab may have settled or discarded something meanwhile.
    queue.load();
    const destination = options.destination();
    for (let message = queue.next(); message && destination; message = queue.next()) {
      const failure = reasonToGiveUp(message);
      if (options.isStored(message.id)) remove(message.id);
      else if (failure) failed(message, failure);
      else return attempt(message, destination.contactId, destination.cursor);
    }
    turn.letGo();
    return undefined;
  }

  function attempt(message: QueuedMessage, contactId: string, cursor: number): SendMessageFrame {
    queue.update({ ...message, attempts: message.attempts + 1 });
    inFlight = message.id;
    // It is in nothing that is held: whatever became of an earlier attempt lies above.
    return { action: "sendMessage", contact_id: contactId, message: message.text, id: message.id, base: cursor };
  }

  function reasonToGiveUp({ attempts, since }: QueuedMessage): FailureCode | undefined {
    if (attempts >= MAX_ATTEMPTS) return "unanswered";
    return isTooOld(since) ? "too_old" : undefined;
  }

  function stop(): void {
    question.stop();
    inFlight = undefined;
    turn.letGo();
    watchAge();
  }

  function failed(message: QueuedMessage, failure: FailureCode): void {
    queue.update({ ...message, failure });
  }

  function add(text: string): string {
    queue.load();
    const now = Math.max(clock.now(), (queue.messages().at(-1)?.createdAt ?? 0) + 1);
    const id = random.uuid();
    // Half of a character, as where a text was cut, could not be sent.
    queue.put({ id, text: text.toWellFormed(), createdAt: now, since: now, attempts: 0 });
    pump();
    return id;
  }

  queue.load();

  return {
    messages: () => queue.messages().map(shown),
    add,
    retry: (id) => {
      queue.load();
      const message = queue.find(id);
      if (!message?.failure) return;
      const { failure, ...rest } = message;
      queue.update({ ...rest, since: clock.now(), attempts: 0 });
      pump();
    },
    discard: (id) => {
      if (queue.find(id)?.failure) remove(id);
    },
    afterwards: async (act) => {
      isLeft = false;
      if (queue.next()) await new Promise<void>((wake) => waiting.push(wake));
      return act();
    },
    settle: (id) => {
      if (!queue.find(id)) return;
      remove(id);
      pump();
    },
    refused: (error) => {
      const message = queue.find(error.id ?? "");
      // What follows its base is being read.
      const answer: ErrorFrame = error.field === "base" ? { ...error, code: "try_again" } : error;
      if (!message || inFlight !== message.id || question.refused(answer)) return;
      inFlight = undefined;
      if (!options.shallWait(error.code)) failed(message, error.code);
      pump();
    },
    failAll: (failure) => {
      for (const message of queue.messages()) if (!message.failure) failed(message, failure);
    },
    clear: () => {
      for (const { id } of queue.messages()) remove(id);
      stop();
    },
    pump,
    stop,
    reload: (isTold) => {
      if (isTold) queue.forget();
      else queue.load();
      for (const { id } of queue.messages()) if (options.isStored(id)) remove(id);
      if (inFlight && !queue.find(inFlight)) question.answered();
      options.changed();
      pump();
    },
    destroy: () => {
      isLeft = true;
      stop();
      cancelAgeing();
      wakeWaiting();
    },
  };
}

function shown({ id, text, createdAt, failure }: QueuedMessage): OutgoingMessage {
  return { id, text, createdAt, ...(failure ? { state: "failed", failure } : { state: "sending" }) };
}
