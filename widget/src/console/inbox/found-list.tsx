import type { Found, SearchView } from "../../core";
import { Avatar } from "../avatar";
import { CONSOLE_LANGUAGE } from "../english";
import { shownName } from "./names";
import { ago } from "./waiting";

interface Props {
  readonly search: SearchView;
  readonly selected: string | undefined;
  readonly now: number;
  readonly choose: (found: Found) => void;
  readonly more: () => void;
}

/** What the server found in all chats of the seller's, also in those that ended. */
export function FoundList({ search, selected, now, choose, more }: Props) {
  const { found, hasMore, isUnderWay } = search;
  return (
    <section class="found" aria-label="Found in all your chats">
      <p class="caption" role="status">
        {sentenceOf(search)}
      </p>
      <ul>
        {found.map((each) => (
          <li key={each.contact_id}>
            <FoundRow found={each} now={now} isSelected={each.contact_id === selected} choose={choose} />
          </li>
        ))}
      </ul>
      {hasMore && !isUnderWay && (
        <button type="button" class="older" onClick={more}>
          Look further back
        </button>
      )}
    </section>
  );
}

interface RowProps {
  readonly found: Found;
  readonly now: number;
  readonly isSelected: boolean;
  readonly choose: (found: Found) => void;
}

function FoundRow({ found, now, isSelected, choose }: RowProps) {
  const { contact_id: contactId, timestamp, text } = found;
  const name = shownName(contactId, found.name);
  const time = Date.parse(timestamp);
  return (
    <button type="button" class="contact" aria-current={isSelected} onClick={() => choose(found)}>
      <Avatar name={name} id={contactId} />
      <span class="name" dir="auto">
        {name}
      </span>
      <time dateTime={timestamp} title={new Date(time).toLocaleString(CONSOLE_LANGUAGE.tag)}>
        {ago(time, now, CONSOLE_LANGUAGE.tag)}
      </time>
      <span class="preview" dir="auto">
        {text}
      </span>
    </button>
  );
}

function sentenceOf({ found, isUnderWay, hasMore, searchedTo, failure }: SearchView): string {
  if (failure === "unknown_action") return "Only this list can be searched here.";
  if (failure) return "The search did not work just now. Try it again.";
  const where = searchedTo && hasMore ? `, back to ${dayOf(searchedTo)}` : "";
  if (isUnderWay) return `Searching all your chats${where}…`;
  const count =
    found.length === 0 ? "Nothing found" : found.length === 1 ? "1 chat found" : `${found.length} chats found`;
  return `${count} in all your chats${where || " of 90 days"}`;
}

function dayOf(timestamp: string): string {
  return new Date(timestamp).toLocaleDateString(CONSOLE_LANGUAGE.tag, { dateStyle: "medium" });
}
