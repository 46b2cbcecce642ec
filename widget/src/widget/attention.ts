import type { Ports } from "../core";

/** The ways to a visitor who looks away. */
export interface AttentionWorld {
  /** A short sound; browsers allow none before a person has pressed something on the page. */
  readonly chime: () => void;
  /** Shows the words in turn with the page's own title, until the answer is called. */
  readonly blink: (words: string) => () => void;
}

export interface Attention {
  /** There is a message that the visitor does not see. */
  call(contactId: string, seq: number): void;
  /** The visitor has seen everything. */
  seen(): void;
}

export interface AttentionOptions {
  readonly isSeen: () => boolean;
  readonly words: () => string;
  readonly isLoud: () => boolean;
}

export type MakeAttention = (ports: Ports, options: AttentionOptions) => Attention;

/** Another tab may have the message in view, or this one have called for it; by then it has said so, and what it stored is seen. */
const LET_OTHERS_SEE_MS = 400;
const KEY = "seller-chat:device:called";

/** Calls once, however many tabs there are. */
export function createAttention(ports: Ports, world: AttentionWorld, options: AttentionOptions): Attention {
  const { clock, locks, store, environment } = ports;
  let stopBlinking: (() => void) | undefined;

  function seen(): void {
    stopBlinking?.();
    stopBlinking = undefined;
  }

  /** Whether no other tab has called for this message, or for a later one. */
  function isFirst(contactId: string, seq: number): boolean {
    const [lastContact, last] = (store.get(KEY) ?? "").split(" ");
    return lastContact !== contactId || Number(last) < seq;
  }

  function call(contactId: string, seq: number): void {
    if (options.isSeen() || !isFirst(contactId, seq)) return;
    store.set(KEY, `${contactId} ${seq}`);
    if (options.isLoud()) world.chime();
    if (!environment.isVisible()) stopBlinking ??= world.blink(options.words());
  }

  return {
    call: (contactId, seq) => {
      clock.after(LET_OTHERS_SEE_MS, () => {
        const release = locks.acquire(KEY, () => {
          call(contactId, seq);
          clock.after(LET_OTHERS_SEE_MS, release);
        });
      });
    },
    seen,
  };
}
