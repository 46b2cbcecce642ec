import type { ContactStatus, Entry, Marks, Role } from "../../../src/core";
import type { HeldSnooze } from "./snoozes";

export interface Contact {
  readonly id: string;
  readonly visitor: string;
  /** The seller whom the visitor asked for. */
  readonly requested: string;
  seller: string | undefined;
  status: ContactStatus;
  readonly log: Entry[];
  /** Entries up to this one are past retention. */
  expired: number;
  readonly marks: Record<Role, Marks>;
  readonly tags: Set<string>;
  snooze?: HeldSnooze | undefined;
}

/** One in which nothing was written yet. */
export function newContact(
  id: string,
  visitor: string,
  requested: string,
  given: Pick<Contact, "seller" | "status">,
): Contact {
  const none = { delivered: 0, read: 0 };
  return {
    id,
    visitor,
    requested,
    ...given,
    log: [],
    expired: 0,
    marks: { visitor: none, seller: none },
    tags: new Set(),
  };
}
