import { useState } from "preact/hooks";
import { closePopover, Popover } from "../../controls/popover";
import type { Ack, Colleague, SellerSnapshot, TeamOutlook } from "../../core";
import { Avatar } from "../avatar";
import { isUnseen } from "../inbox/names";
import { Quoted } from "../quoted";
import { leftIn } from "../room";
import type { Drafts } from "./drafts";
import { LONGEST_NOTE, NoteField } from "./note-field";
import { useDraft } from "./use-draft";

interface Props {
  readonly sellerId: string;
  readonly team: readonly Colleague[];
  readonly teams: readonly TeamOutlook[];
  readonly refreshTeam: () => void;
  readonly contactId: string;
  readonly drafts: Drafts;
  readonly handOver: (to: string, note: string) => Promise<HandedOver>;
}

/** How much of a hand-over was done: what was not stays in the form. */
export interface HandedOver {
  readonly isNoted: boolean;
  readonly isGiven: boolean;
}

/** Whom the contact is given to: somebody of the team, another team, or anybody by the id. */
export function HandOver({ contactId, drafts, sellerId, team, teams, refreshTeam, handOver }: Props) {
  const note = useDraft(drafts, contactId, "hand-over");
  const answer = useDraft(drafts, contactId, "message").text.trim();
  const [search, setSearch] = useState("");
  const wanted = search.trim();
  const fits = (text: string) => text.toLocaleLowerCase().includes(wanted.toLocaleLowerCase());
  const found = team.filter(({ seller_id, name }) => seller_id !== sellerId && fits(`${name} ${seller_id}`));
  const foundTeams = teams.filter((each) => fits(each.team));
  const first = found[0]?.seller_id ?? foundTeams[0]?.team ?? wanted;
  const give = (event: Event, to: string) => {
    event.preventDefault();
    const noted = note.text.trim();
    if (leftIn(noted, LONGEST_NOTE) < 0 || isUnseen(noted)) return;
    closePopover(event);
    const done = handOver(to, noted);
    void note.keep(done.then(({ isNoted }) => isNoted));
    void done.then(({ isGiven }) => isGiven && setSearch(""));
  };
  return (
    <div class="hand-over" onFocusIn={({ target }) => (target as Element).matches("summary") && refreshTeam()}>
      <Popover label="Hand over">
        <form class="transfer" onSubmit={(event) => give(event, first)}>
          <label for="transfer-to">Hand over to</label>
          <input
            id="transfer-to"
            type="search"
            required
            autocomplete="off"
            placeholder="Name, team, or a seller's id"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          <ul class="colleagues" aria-label="Colleagues">
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
          {foundTeams.length > 0 && (
            <ul class="colleagues" aria-label="Teams">
              {foundTeams.map((each) => (
                <li key={each.team}>
                  <button type="button" onClick={(event) => give(event, each.team)}>
                    <Avatar name={each.team} id={each.team} />
                    <span dir="auto">Team {each.team}</span>
                    <small class={each.room > 0 ? "online" : ""}>{outlookOfTeam(each)}</small>
                  </button>
                </li>
              ))}
            </ul>
          )}
          {found.length === 0 && foundTeams.length === 0 && (
            <p class="caption">
              {wanted ? (
                <>
                  Nobody of your team, and no team. <Quoted text={wanted} /> is taken for an id.
                </>
              ) : (
                "There is nobody else in your team."
              )}
            </p>
          )}
          <NoteField
            id="transfer-note"
            label="Note for them; the visitor never sees it"
            text={note.text}
            typed={note.type}
          />
          {!note.text && answer && (
            <button
              type="button"
              class="link"
              onClick={({ currentTarget }) => {
                // First, since this button goes, and the menu folds when the focus is nowhere in it.
                currentTarget.form?.querySelector("textarea")?.focus();
                note.type(answer);
              }}
            >
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

function outlookOfTeam({ there, room }: TeamOutlook): string {
  if (there === 0) return "nobody there, waits";
  return room === 0 ? `${there} there, full, waits` : `${there} there, room for ${room}`;
}

/** What is said when it is done: whether somebody is there to answer. */
export function handedOver(
  name: string,
  to: string,
  { status, seller_id: seller }: Partial<Pick<Ack, "status" | "seller_id">>,
  { team, teams }: Pick<SellerSnapshot, "team" | "teams">,
): string {
  if (status === "queued") {
    const isEmpty = teams.some((each) => each.team === to && each.there === 0);
    return `${name} waits for the team ${to} now: ${isEmpty ? "nobody of it is there" : "nobody of it has room"}.`;
  }
  if (seller && seller !== to) {
    const whom = team.find(({ seller_id }) => seller_id === seller)?.name ?? seller;
    return `${name} was handed over to ${whom} of the team ${to}.`;
  }
  const colleague = team.find(({ seller_id }) => seller_id === to);
  const done = `${name} was handed over to ${colleague?.name ?? to}.`;
  if (!colleague || colleague.status === "online") return done;
  return `${done} They are ${STATUSES[colleague.status]}: if they do not come, somebody else is asked.`;
}
