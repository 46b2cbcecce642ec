import { useEffect, useRef } from "preact/hooks";
import type { Colleague, Note } from "../../core";
import { CONSOLE_LANGUAGE } from "../english";
import { seen } from "../inbox/names";
import { ago } from "../inbox/waiting";
import { useNow } from "../now";
import { leftIn } from "../room";
import type { Drafts } from "./drafts";
import { LONGEST_NOTE, NoteField } from "./note-field";
import { useDraft } from "./use-draft";

interface Props {
  readonly contactId: string;
  readonly drafts: Drafts;
  readonly notes: readonly Note[];
  readonly ownName: string;
  readonly team: readonly Colleague[];
  /** False where it was not kept. */
  readonly write: (text: string) => Promise<boolean>;
}

/** What sellers noted for each other. It is open where there is something to read. */
export function Notes({ contactId, drafts, notes, ownName, team, write }: Props) {
  const now = useNow();
  const draft = useDraft(drafts, contactId, "note");
  const fold = useRef<HTMLDetailsElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (notes.length > 0 && fold.current) fold.current.open = true;
    list.current?.lastElementChild?.scrollIntoView?.({ block: "nearest" });
  }, [notes.length]);
  const nameOf = (sellerId: string) =>
    sellerId === ownName ? "You" : (team.find(({ seller_id }) => seller_id === sellerId)?.name ?? sellerId);
  const keep = (event: Event) => {
    event.preventDefault();
    const wanted = draft.text.trim();
    if (seen(wanted) && leftIn(wanted, LONGEST_NOTE) >= 0) void draft.keep(write(wanted));
  };
  return (
    <details class="notes" ref={fold}>
      <summary>
        {notes.length === 0 ? "Write a note for colleagues" : notes.length === 1 ? "1 note" : `${notes.length} notes`}
      </summary>
      <ul ref={list}>
        {notes.map(({ seq, from, timestamp, text: noted }) => (
          <li key={seq}>
            <p dir="auto">{noted}</p>
            <small>
              {nameOf(from)}, {ago(Date.parse(timestamp), now, CONSOLE_LANGUAGE.tag)}
            </small>
          </li>
        ))}
      </ul>
      <form onSubmit={keep}>
        <NoteField id="note" label="Note; the visitor never sees it" isSlim text={draft.text} typed={draft.type} />
        <button type="submit" class="secondary">
          Keep note
        </button>
      </form>
    </details>
  );
}
