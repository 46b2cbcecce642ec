import type { OutgoingMessage, VisitorChat, VisitorSnapshot } from "../core";

/** What a visitor felt of trouble; the numbers of `POST /reports`. */
export interface Troubles {
  /** How often the chat was there again, after a cut that the visitor was told of. */
  readonly reconnects: number;
  /** Messages of this page that were given up. */
  readonly failed_sends: number;
  /** How long the slowest message took that came through, in milliseconds, or has waited until now; 0 for none. */
  readonly slowest_send_ms: number;
}

/** Counts from the first trouble on: what went well before is no news. */
export interface Tally {
  /** Look after a chat from `snapshot` on. Idempotent. */
  follow(chat: VisitorChat, snapshot: VisitorSnapshot): void;
  /** A cut is over. */
  back(): void;
  /** Undefined where nothing went wrong after all. */
  troubles(): Troubles | undefined;
}

/** What a message may wait for before it is given up, which is as much as the system takes for a time. */
const LONGEST_MS = 600_000;
const MOST = 1_000;

/** `pageStart` is when the page was opened: what failed on an earlier one was told by that. */
export function createTally(now: () => number, pageStart: number): Tally {
  const followed = new WeakSet<VisitorChat>();
  let sending: ReadonlyMap<string, number> = new Map();
  const failed = new Set<string>();
  let reconnects = 0;
  let failures = 0;
  let slowest = 0;

  function look({ connection, conversation, outgoing }: VisitorSnapshot): void {
    // Where it is left nothing is under way any more, and nothing was sent.
    if (connection !== "online") return;
    const messages = conversation?.outgoing ?? outgoing;
    for (const { id, createdAt } of inState(messages, "failed")) giveUp(id, createdAt);
    // What was given up and is tried again by hand was not under way meanwhile.
    const left = new Map(inState(messages, "sending").map(({ id, createdAt }) => [id, createdAt]));
    const settled = [...sending].filter(([id]) => !left.has(id) && !failed.has(id));
    slowest = Math.max(slowest, ...settled.map(([, since]) => now() - since));
    sending = new Map([...left].filter(([id]) => !failed.has(id)));
  }

  function giveUp(id: string, createdAt: number): void {
    if (createdAt > pageStart && !failed.has(id)) failures++;
    failed.add(id);
  }

  return {
    follow: (chat, snapshot) => {
      if (followed.has(chat)) return;
      followed.add(chat);
      chat.subscribe(() => look(chat.getSnapshot()));
      // What it was told of may be over since.
      look(snapshot);
      look(chat.getSnapshot());
    },
    back: () => {
      reconnects++;
    },
    troubles: () => {
      const waited = Math.max(slowest, ...[...sending.values()].map((since) => now() - since));
      if (!reconnects && !failures && !waited) return undefined;
      return {
        reconnects: Math.min(reconnects, MOST),
        failed_sends: Math.min(failures, MOST),
        slowest_send_ms: Math.min(Math.max(waited, 0), LONGEST_MS),
      };
    },
  };
}

function inState(messages: readonly OutgoingMessage[], wanted: OutgoingMessage["state"]): readonly OutgoingMessage[] {
  return messages.filter(({ state }) => state === wanted);
}
