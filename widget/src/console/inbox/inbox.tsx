import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ContactStatus, Found, Searching, SellerSnapshot } from "../../core";
import type { ListName } from "../address";
import type { Memory } from "../alerts/memory";
import { Avatar } from "../avatar";
import { comingTime } from "../conversation/snooze-times";
import { CONSOLE_LANGUAGE } from "../english";
import { useNow } from "../now";
import { Quoted } from "../quoted";
import { leftIn } from "../room";
import type { Preferences } from "../settings/preferences";
import { type ContactRow, rowsOfInbox, tagsOf } from "./contacts";
import { FoundList } from "./found-list";
import { heldOrder } from "./held-order";
import { seen } from "./names";
import { createReading } from "./reading";
import { RowList } from "./row-list";
import { ago, urgencyOf } from "./waiting";

interface Props {
  readonly snapshot: SellerSnapshot;
  readonly status: ListName;
  readonly selected: string | undefined;
  readonly preferences: Preferences;
  readonly seen: Memory;
  /** Contacts that are about to leave the list. */
  readonly hidden: ReadonlySet<string>;
  readonly setStatus: (status: ListName) => void;
  readonly setPreferences: (changes: Partial<Preferences>) => void;
  readonly choose: (contactId: string) => void;
  readonly chooseFound: (found: Found) => void;
  readonly searching: Searching;
  readonly read: (contactId: string) => void;
  readonly refresh: (status: ContactStatus) => void;
  readonly listOlder: () => void;
}

const LISTS: readonly (readonly [ListName, string, string])[] = [
  ["open", "Open", "No open chats. New ones appear here by themselves."],
  ["snoozed", "Snoozed", "No snoozed chats."],
  ["queued", "Queue", "Nobody is waiting."],
  ["closed", "Closed", "No closed chats."],
];

/** As long as the server takes one (docs/protocol.md, "Searching"). */
const LONGEST_SEARCH = 100;
/** A search goes to the server once nobody types for so long. */
const SEARCH_AFTER_MS = 400;

/** How long the order stands still after somebody moved the pointer over the list, or a key in it. */
const HOLD_MS = 4_000;

export function Inbox(props: Props) {
  const {
    snapshot,
    status,
    selected,
    preferences,
    seen: seenBefore,
    hidden,
    setStatus,
    choose,
    read,
    listOlder,
  } = props;
  const { searching, chooseFound } = props;
  const [search, setSearch] = useState("");
  const [wantedTag, setTag] = useState<string>();
  const tags = tagsOf(snapshot);
  // One that no chat has any more hides none.
  const tag = tags.find((each) => each === wantedTag);
  const now = useNow();
  const [isHeld, hold] = useHold();
  const order = useMemo((): string[] => [], [status, search, tag, preferences.sort]);
  // The server takes nothing that nobody sees, and nobody would find by it.
  const wanted = seen(search);
  const listing = { search: wanted, tag, sort: preferences.sort, seen: seenBefore, hidden };
  const rows = heldOrder(rowsOfInbox(snapshot, status, listing), order, isHeld);
  const reading = useMemo(() => createReading(read), []);
  useEffect(() => reading.stop, [reading]);
  const isTooLong = leftIn(wanted, LONGEST_SEARCH) < 0;
  useFreshList(props);
  useSearch(wanted, searching);
  const empty = LISTS.find(([each]) => each === status)?.[2];
  const turnTo = (next: ListName) => {
    setSearch("");
    setStatus(next);
  };
  return (
    <nav class={`inbox ${preferences.density}`} aria-label="Conversations">
      <div class="tabs">
        {LISTS.map(([each, label]) => {
          const count = each === "closed" ? 0 : rowsOfInbox(snapshot, each, { hidden }).length;
          if (each === "snoozed" && count === 0 && status !== each) return null;
          return (
            <button key={each} type="button" aria-pressed={each === status} onClick={() => turnTo(each)}>
              {label}
              {count > 0 && <small class={each === "queued" ? "urgent" : ""}>{count}</small>}
            </button>
          );
        })}
      </div>
      <div class="find">
        <input
          type="search"
          aria-label="Search in your chats"
          placeholder="Search"
          value={search}
          aria-describedby="search-said"
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") searching.find(seen(event.currentTarget.value));
            if (event.key !== "Escape" || !search) return;
            event.stopPropagation();
            setSearch("");
          }}
        />
        {!search && <kbd>/</kbd>}
      </div>
      <small id="search-said" class="caption" role="status">
        {isTooLong && `Of so much only the first ${LONGEST_SEARCH} characters are searched for in all chats.`}
      </small>
      {status === "open" && <SortChoice {...props} />}
      {tags.length > 0 && <TagChoice tags={tags} tag={tag} setTag={setTag} />}
      {rows.length === 0 && (
        <p class="empty">
          {wanted || tag ? (
            <>
              Nothing found for <Quoted text={wanted || tag || ""} /> in this list.
            </>
          ) : (
            empty
          )}
        </p>
      )}
      <RowList
        key={status}
        rows={rows}
        selected={selected}
        height={preferences.density === "compact" ? 44 : 56}
        touched={hold}
        shown={(drawn) => isAskedFor(status) && reading.look(drawn)}
        draw={(row, tabIndex) => (
          <InboxRow row={row} now={now} tabIndex={tabIndex} isSelected={row.contactId === selected} choose={choose} />
        )}
      />
      {wanted && snapshot.search && (
        <FoundList search={snapshot.search} selected={selected} now={now} choose={chooseFound} more={searching.more} />
      )}
      {status === "closed" && !search && snapshot.hasOlderClosed && (
        <button type="button" class="older" onClick={listOlder}>
          Show older
        </button>
      )}
    </nav>
  );
}

function SortChoice({ preferences, setPreferences }: Props) {
  return (
    <label class="sort">
      Sort by
      <select
        value={preferences.sort}
        onChange={({ currentTarget }) =>
          setPreferences({ sort: currentTarget.value === "waiting" ? "waiting" : "latest" })
        }
      >
        <option value="latest">latest activity</option>
        <option value="waiting">longest wait</option>
      </select>
    </label>
  );
}

/** Asks the server what the lists do not know, once nobody types. */
function useSearch(search: string, searching: Searching): void {
  useEffect(() => {
    const timer = setTimeout(() => searching.find(search), search ? SEARCH_AFTER_MS : 0);
    return () => clearTimeout(timer);
  }, [search, searching]);
}

interface TagChoiceProps {
  readonly tags: readonly string[];
  readonly tag: string | undefined;
  readonly setTag: (tag: string | undefined) => void;
}

function TagChoice({ tags, tag, setTag }: TagChoiceProps) {
  return (
    <label class="sort">
      Show
      <select value={tag ?? ""} onChange={({ currentTarget }) => setTag(currentTarget.value || undefined)}>
        <option value="">all tags, and none</option>
        {tags.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Nothing is pushed of what others close, nor of what is said to who waits, and a push that they wait may get lost. */
function isAskedFor(list: ListName): list is "queued" | "closed" {
  return list === "queued" || list === "closed";
}

function useFreshList({ snapshot, status, refresh }: Props): void {
  const isOnline = snapshot.connection === "online";
  useEffect(() => {
    if (isAskedFor(status) && isOnline) refresh(status);
  }, [status, isOnline]);
}

/** Whether the order is held, and a function that holds it for some more seconds. */
function useHold(): [boolean, () => void] {
  const [isHeld, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const hold = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setHeld(false), HOLD_MS);
    setHeld(true);
  };
  return [isHeld, hold];
}

interface RowProps {
  readonly row: ContactRow;
  readonly now: number;
  readonly tabIndex: number;
  readonly isSelected: boolean;
  readonly choose: (contactId: string) => void;
}

function InboxRow({ row, now, tabIndex, isSelected, choose }: RowProps) {
  const isUnread = row.unread > 0 || row.isNew || row.isBack;
  const away = row.isBack ? undefined : row.awayUntil;
  const urgency = away ? "calm" : urgencyOf(row.waitsSince, now);
  const time = away ?? row.waitsSince ?? row.time;
  return (
    <button
      type="button"
      class={`contact ${isUnread ? "unread" : ""}`}
      aria-current={isSelected}
      tabIndex={tabIndex}
      onClick={() => choose(row.contactId)}
    >
      <Avatar name={row.name} id={row.contactId} />
      <span class="name" dir="auto">
        {row.name}
      </span>
      <time
        class={urgency}
        dateTime={new Date(time).toISOString()}
        title={new Date(time).toLocaleString(CONSOLE_LANGUAGE.tag)}
      >
        {urgency !== "calm" && <span class="hidden">waits </span>}
        {away ? `until ${comingTime(away, now, CONSOLE_LANGUAGE.tag)}` : ago(time, now, CONSOLE_LANGUAGE.tag)}
      </time>
      <span class="preview" dir="auto">
        {row.tags.map((each) => (
          <span key={each} class="tag">
            {each}
          </span>
        ))}
        {row.isTyping ? <em>is typing…</em> : <LastLine row={row} />}
      </span>
      <Mark row={row} />
    </button>
  );
}

/** Who wrote it looks like no text, which may begin with anything. */
function LastLine({ row: { preview, writer, isKnown } }: { readonly row: ContactRow }) {
  if (preview === undefined) return <>{isKnown && "No messages yet"}</>;
  return (
    <>
      {writer !== undefined && <b>{writer}: </b>}
      {preview}
    </>
  );
}

function Mark({ row }: { readonly row: ContactRow }) {
  if (row.hasUnsent) {
    return (
      <span class="count unsent">
        !<span class="hidden"> not sent</span>
      </span>
    );
  }
  // Its messages are unread, too, which says less.
  if (row.isMissed) return <span class="count missed">Missed</span>;
  if (row.unread > 0) {
    return (
      <span class="count">
        {row.unread}
        <span class="hidden"> unread</span>
      </span>
    );
  }
  if (row.isBack) return <span class="count">Back</span>;
  return row.isNew ? <span class="count">New</span> : null;
}
