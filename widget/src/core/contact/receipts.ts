import type { Link } from "../connection/link";
import type { Cancel, Clock } from "../ports";
import type { Marks, ReceiptFrame, TypingFrame } from "../protocol";

/** What arrives and is seen soon after is one report, and none where something else goes out meanwhile. */
const WAIT_MS = 700;

export const NONE: Marks = { delivered: 0, read: 0 };

/** Marks only rise. */
export function higher(known: Marks, heard: Marks): Marks {
  return { delivered: Math.max(known.delivered, heard.delivered), read: Math.max(known.read, heard.read) };
}

/** Reports how far this side has come, within a second: marks only rise. */
export interface Receipts {
  /** What this side has received and seen, reported or not. */
  marks(): Marks;
  raise(delivered: number, read: number): void;
  /** The person's marks are known to be at least these, by whichever device. */
  confirmed(marks: Marks): void;
  /** A report may not have arrived; the next answer to a sync tells. */
  doubt(): void;
  /** Report what was not reported yet. */
  flush(): void;
  /** Send a frame that reports it, too. */
  carry(frame: TypingFrame): void;
  stop(): void;
}

export function createReceipts(contactId: string, link: Link, clock: Clock): Receipts {
  let own = NONE;
  let told = NONE;
  let cancelWait: Cancel | undefined;

  function carry(frame: TypingFrame | Omit<ReceiptFrame, keyof Marks>): void {
    if (link.send({ ...frame, ...own })) told = own;
  }

  function flush(): void {
    cancelWait ??= clock.after(WAIT_MS, () => {
      cancelWait = undefined;
      const isNews = own.delivered > told.delivered || own.read > told.read;
      if (isNews) carry({ action: "receipt", contact_id: contactId });
    });
  }

  function doubt(): void {
    told = NONE;
  }

  return {
    marks: () => own,
    raise: (arrived, seen) => {
      own = higher(own, { delivered: Math.max(arrived, seen), read: seen });
      flush();
    },
    confirmed: (marks) => {
      own = higher(own, marks);
      told = higher(told, marks);
    },
    flush,
    carry,
    doubt,
    stop: () => {
      doubt();
      cancelWait?.();
      cancelWait = undefined;
    },
  };
}
