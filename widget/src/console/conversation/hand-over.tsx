import { useState } from "preact/hooks";
import { closePopover, Popover } from "../../controls/popover";
import type { Colleague } from "../../core";
import { Avatar } from "../avatar";
import { LONGEST_NOTE, NoteField } from "./note-field";

interface Props {
  readonly sellerId: string;
  readonly team: readonly Colleague[];
  readonly refreshTeam: () => void;
  /** What was begun in the answer's field. */
  readonly draft: () => string;
  readonly handOver: (to: string, note: string) => void;
}

/** Whom the contact is given to: somebody of the team, or anybody by the id. */
export function HandOver({ sellerId, team, refreshTeam, draft, handOver }: Props) {
  const [search, setSearch] = useState("");
  const [note, setNote] = useState("");
  const wanted = search.trim();
  const found = team.filter(
    ({ seller_id, name }) =>
      seller_id !== sellerId && `${name} ${seller_id}`.toLocaleLowerCase().includes(wanted.toLocaleLowerCase()),
  );
  const give = (event: Event, to: string) => {
    event.preventDefault();
    closePopover(event);
    setSearch("");
    setNote("");
    handOver(to, note.trim());
  };
  return (
    <div class="hand-over" onFocusIn={({ target }) => (target as Element).matches("summary") && refreshTeam()}>
      <Popover label="Hand over">
        <form class="transfer" onSubmit={(event) => give(event, found[0]?.seller_id ?? wanted)}>
          <label for="transfer-to">Hand over to</label>
          <input
            id="transfer-to"
            type="search"
            required
            autocomplete="off"
            placeholder="Name, or a seller's id"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          <ul class="colleagues">
            {found.map((colleague) => (
              <li key={colleague.seller_id}>
                <button type="button" onClick={(event) => give(event, colleague.seller_id)}>
                  <Avatar name={colleague.name} id={colleague.seller_id} />
                  <span dir="auto">{colleague.name}</span>
                  <small class={colleague.status}>{outlookOf(colleague)}</small>
                </button>
              </li>
            ))}
          </ul>
          {found.length === 0 && (
            <p class="caption">
              {wanted ? `Nobody of your team. “${wanted}” is taken for an id.` : "There is nobody else in your team."}
            </p>
          )}
          <NoteField id="transfer-note" label="Note for them; the visitor never sees it" text={note} typed={setNote} />
          {!note && draft().trim() && (
            <button type="button" class="link" onClick={() => setNote(draft().trim().slice(0, LONGEST_NOTE))}>
              Take what you were writing
            </button>
          )}
          <button type="submit" class="primary">
            Hand over
          </button>
        </form>
      </Popover>
    </div>
  );
}

const STATUSES = { online: "available", away: "away", offline: "offline" } as const;

/** What the visitor has to expect there. */
function outlookOf({ status, open_count: count, capacity }: Colleague): string {
  const room = capacity - count;
  const rest = room > 0 ? `room for ${room}` : "full";
  return `${STATUSES[status]}, ${rest}`;
}

/** What is said when it is done: whether somebody is there to answer. */
export function handedOver(name: string, to: string, team: readonly Colleague[]): string {
  const colleague = team.find(({ seller_id }) => seller_id === to);
  const done = `${name} was handed over to ${colleague?.name ?? to}.`;
  if (!colleague || colleague.status === "online") return done;
  return `${done} They are ${STATUSES[colleague.status]}: if they do not come, somebody else is asked.`;
}
