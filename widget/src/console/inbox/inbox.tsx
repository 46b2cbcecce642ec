import { useState } from "preact/hooks";
import type { ContactStatus, SellerSnapshot } from "../../core";
import { timesIn } from "../../timeline/times";
import { CONSOLE_LANGUAGE } from "../english";
import { type ContactRow, rowsOfInbox } from "./contacts";

interface Props {
  readonly snapshot: SellerSnapshot;
  readonly status: ContactStatus;
  readonly selected: string | undefined;
  readonly setStatus: (status: ContactStatus) => void;
  readonly choose: (contactId: string) => void;
  readonly listOlder: () => void;
}

const LISTS: readonly (readonly [ContactStatus, string, string])[] = [
  ["open", "Open", "No open chats. New ones appear here by themselves."],
  ["queued", "Queue", "Nobody is waiting."],
  ["closed", "Closed", "No closed chats."],
];

const DAY_MS = 86_400_000;

export function Inbox({ snapshot, status, selected, setStatus, choose, listOlder }: Props) {
  const [search, setSearch] = useState("");
  const rows = rowsOfInbox(snapshot, status, search);
  const empty = LISTS.find(([each]) => each === status)?.[2];
  return (
    <nav class="inbox" aria-label="Conversations">
      <div class="tabs">
        {LISTS.map(([each, label]) => {
          const count = each === "closed" ? 0 : rowsOfInbox(snapshot, each, "").length;
          return (
            <button key={each} type="button" aria-pressed={each === status} onClick={() => setStatus(each)}>
              {label}
              {count > 0 && <small>{count}</small>}
            </button>
          );
        })}
      </div>
      <input
        type="search"
        aria-label="Search in this list"
        placeholder="Search"
        value={search}
        onInput={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {rows.length === 0 && <p class="empty">{search ? "Nothing found." : empty}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.contactId}>
            <InboxRow
              row={row}
              isSelected={row.contactId === selected}
              isWaiting={status === "queued"}
              choose={choose}
            />
          </li>
        ))}
      </ul>
      {status === "closed" && snapshot.hasOlderClosed && (
        <button type="button" class="older" onClick={listOlder}>
          Show older
        </button>
      )}
    </nav>
  );
}

interface RowProps {
  readonly row: ContactRow;
  readonly isSelected: boolean;
  /** Nobody reads a contact before it is given to him. */
  readonly isWaiting: boolean;
  readonly choose: (contactId: string) => void;
}

function InboxRow({ row, isSelected, isWaiting, choose }: RowProps) {
  return (
    <button
      type="button"
      class="contact"
      aria-current={isSelected}
      disabled={isWaiting}
      onClick={() => choose(row.contactId)}
    >
      <Avatar name={row.name} />
      <span class="name" dir="auto">
        {row.name}
      </span>
      <time dateTime={new Date(row.time).toISOString()}>{shortTime(row.time)}</time>
      <span class="preview" dir="auto">
        {row.isTyping ? <em>is typing…</em> : (row.preview ?? (isWaiting ? "Waits for a seller" : "No messages yet"))}
      </span>
      {row.unread > 0 && (
        <span class="count">
          {row.unread}
          <span class="hidden"> unread</span>
        </span>
      )}
    </button>
  );
}

export function Avatar({ name }: { readonly name: string }) {
  const initials = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("");
  return (
    <span class="avatar" aria-hidden="true">
      {initials.toLocaleUpperCase()}
    </span>
  );
}

function shortTime(time: number): string {
  const times = timesIn(CONSOLE_LANGUAGE.tag);
  return Date.now() - time < DAY_MS
    ? times.clock(time)
    : new Date(time).toLocaleDateString(CONSOLE_LANGUAGE.tag, { dateStyle: "short" });
}
