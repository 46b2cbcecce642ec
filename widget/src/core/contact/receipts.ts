import type { Link } from "../connection/link";
import type { Cancel, Clock } from "../ports";
import type { Marks } from "../protocol";

const THROTTLE_MS = 1_000;

/** Reports how far one's own side has come: marks only rise, and at most one report a second goes out. */
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
  let delivered = 0;
  let read = 0;
  let told = { delivered: 0, read: 0 };
  let cancelThrottle: Cancel | undefined;

  function flush(): void {
    if (cancelThrottle || (delivered <= told.delivered && read <= told.read)) return;
    if (!link.send({ action: "receipt", contact_id: contactId, delivered, read })) return;
    told = { delivered, read };
    cancelThrottle = clock.after(THROTTLE_MS, () => {
      cancelThrottle = undefined;
      flush();
    });
  }

  function doubt(): void {
    told = { delivered: 0, read: 0 };
  }

  return {
    marks: () => ({ delivered, read }),
    raise: (arrived, seen) => {
      delivered = Math.max(delivered, arrived, seen);
      read = Math.max(read, seen);
      flush();
    },
    confirmed: (marks) => {
      delivered = Math.max(delivered, marks.delivered);
      read = Math.max(read, marks.read);
      told = { delivered: Math.max(told.delivered, marks.delivered), read: Math.max(told.read, marks.read) };
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
