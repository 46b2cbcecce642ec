import type { ContactStatus } from "../core";

/** A list of chats: what is snoozed is open, too, and has a list of its own. */
export type ListName = ContactStatus | "snoozed";

/** What the page shows: a list, and perhaps one of its conversations. */
export interface Place {
  readonly status: ListName;
  readonly contactId: string | undefined;
}

const LISTS: readonly ListName[] = ["open", "snoozed", "queued", "closed"];

/** The place that an address names after its `#`; the open contacts where it names none. */
export function placeOf(hash: string): Place {
  const [, status, contactId] = hash.replace(/^#/, "").split("/");
  const known = LISTS.find((each) => each === status);
  return { status: known ?? "open", contactId: known && contactId ? decoded(contactId) : undefined };
}

export function hashOf({ status, contactId }: Place): string {
  return `#/${status}${contactId === undefined ? "" : `/${encodeURIComponent(contactId)}`}`;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
