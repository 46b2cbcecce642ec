import type { Link } from "../connection/link";
import type { Cancel, Clock } from "../ports";
import type { Marks } from "../protocol";

const THROTTLE_MS = 1_000;

export const NONE: Marks = { delivered: 0, read: 0 };

/** Marks only rise. */
export function higher(known: Marks, heard: Marks): Marks {
  return { delivered: Math.max(known.delivered, heard.delivered), read: Math.max(known.read, heard.read) };
}

/** Reports how far this side has come: marks only rise, and at most one report a second goes out. */
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
  stop(): void;
}

export function createReceipts(contactId: string, link: Link, clock: Clock): Receipts {
  let own = NONE;
  let told = NONE;
  let cancelThrottle: Cancel | undefined;

  function flush(): void {
    if (cancelThrottle || (own.delivered <= told.delivered && own.read <= told.read)) return;
    if (!link.send({ action: "receipt", contact_id: contactId, ...own })) return;
    told = own;
    cancelThrottle = clock.after(THROTTLE_MS, () => {
      cancelThrottle = undefined;
      flush();
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
    doubt,
    stop: () => {
      doubt();
      cancelThrottle?.();
      cancelThrottle = undefined;
    },
  };
}
