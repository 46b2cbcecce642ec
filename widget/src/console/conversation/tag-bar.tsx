import { COUNT_LETTERS_FROM, isUnseen, LONGEST_LABEL, seen } from "../inbox/names";
import { leftIn, leftLabel, NOTHING_TO_SEE, saidBy } from "../room";
import type { Drafts } from "./drafts";
import { useDraft } from "./use-draft";

/** As many as the server takes (docs/protocol.md, "Tags of sellers"). */
const MOST_TAGS = 10;
/** From here on it is told how much is left. */
const COUNT_TAGS_FROM = 3;

interface Props {
  readonly contactId: string;
  readonly drafts: Drafts;
  readonly tags: readonly string[];
  /** Those of all chats, to choose from. */
  readonly known: readonly string[];
  /** False where it was not kept. */
  readonly add: (tag: string) => Promise<boolean>;
  readonly remove: (tag: string) => void;
}

/** What sellers call the chat; the visitor never sees it. */
export function TagBar({ contactId, drafts, tags, known, add, remove }: Props) {
  const draft = useDraft(drafts, contactId, "tag");
  const tag = seen(draft.text);
  const left = leftIn(tag, LONGEST_LABEL);
  const keep = (event: Event) => {
    event.preventDefault();
    if (tag && left >= 0) void draft.keep(add(tag));
  };
  return (
    <form class="tag-bar" aria-label="Tags; the visitor never sees them" onSubmit={keep}>
      {tags.map((each) => (
        <span key={each} class="tag" dir="auto">
          {each}
          <button type="button" class="quiet" aria-label={`Remove the tag ${each}`} onClick={() => remove(each)}>
            ×
          </button>
        </span>
      ))}
      {tags.length < MOST_TAGS && (
        <input
          aria-label="Add a tag"
          placeholder="Add a tag"
          list="known-tags"
          autocomplete="off"
          dir="auto"
          value={draft.text}
          {...saidBy("tag-said", left < 0 || isUnseen(draft.text))}
          onInput={({ currentTarget }) => draft.type(currentTarget.value)}
        />
      )}
      <datalist id="known-tags">
        {known
          .filter((each) => !tags.includes(each))
          .map((each) => (
            <option key={each} value={each} />
          ))}
      </datalist>
      <small id="tag-said" role="status">
        {isUnseen(draft.text) ? NOTHING_TO_SEE : leftOf(MOST_TAGS - tags.length, left)}
      </small>
    </form>
  );
}

function leftOf(tags: number, letters: number): string {
  if (tags === 0) return `No more than ${MOST_TAGS} tags: remove one first.`;
  if (letters <= COUNT_LETTERS_FROM) return leftLabel(letters);
  if (tags > COUNT_TAGS_FROM) return "";
  return tags === 1 ? "1 more tag." : `${tags} more tags.`;
}
