import type { Found, SearchFrame, ServerFrame } from "../../../src/core";
import type { Person } from "./connections";
import type { Contact } from "./contacts";
import { errorOf } from "./frames";

const CONTACTS = 3;

export interface Searched {
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly hasSearch?: boolean;
}

/** What a seller's contacts have of the words, a few contacts with each answer. */
export function search({ contacts, hasSearch = true }: Searched, { userId }: Person, frame: SearchFrame): ServerFrame {
  if (!hasSearch) return errorOf(frame, "unknown_action");
  const { query, after } = frame;
  const own = [...contacts.values()].filter((each) => each.seller === userId && each.status !== "queued").reverse();
  const begin = own.findIndex(({ id }) => id === after?.split("/").at(-1)) + 1;
  const page = own.slice(begin, begin + CONTACTS);
  const last = page.at(-1);
  const at = last?.log[0]?.timestamp;
  return {
    action: "search",
    query,
    found: page.flatMap((each) => foundIn(each, query)),
    ...(at && { searched_to: at }),
    ...(last && at && begin + CONTACTS < own.length && { next: `${last.status as "open"}/0/${at}/${last.id}` }),
  };
}

function foundIn({ id, log, status, seller }: Contact, query: string): Found[] {
  const words = query.toLowerCase().split(" ");
  const texts = (entry: (typeof log)[number]) =>
    [entry.message ?? "", ...Object.values(entry.user_info ?? {})].join("\n");
  const entry = log.findLast((each) => words.every((word) => texts(each).toLowerCase().includes(word)));
  const opened_at = log[0]?.timestamp ?? "";
  if (!entry) return [];
  const { seq, timestamp, from } = entry;
  const name = String(log[0]?.user_info?.name ?? "");
  const text = texts(entry).trim().slice(0, 120);
  return [
    {
      contact_id: id,
      status,
      since: opened_at,
      opened_at,
      seller_id: seller ?? null,
      name,
      seq,
      timestamp,
      from,
      text,
    },
  ];
}
