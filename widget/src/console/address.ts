import type { ContactStatus } from "../core";

/** What the page shows: a list, and perhaps one of its conversations. */
export interface Place {
  readonly status: ContactStatus;
  readonly contactId: string | undefined;
}

const STATUSES: readonly ContactStatus[] = ["open", "queued", "closed"];

/** The place that an address names after its `#`; the open contacts where it names none. */
export function placeOf(hash: string): Place {
  const [, status, contactId] = hash.replace(/^#/, "").split("/");
  const known = STATUSES.find((each) => each === status);
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
