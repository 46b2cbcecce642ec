import { useState } from "preact/hooks";
import { LONGEST_LABEL, seen } from "../inbox/names";
import { leftIn, leftLabel, saidBy } from "../room";

/** As many as the server takes (docs/protocol.md, "Tags of sellers"). */
const MOST_TAGS = 10;
/** From here on it is told how much is left. */
const COUNT_TAGS_FROM = 3;
const COUNT_LETTERS_FROM = 10;

interface Props {
  readonly tags: readonly string[];
  /** Those of all chats, to choose from. */
  readonly known: readonly string[];
  /** False where it was not kept. */
  readonly add: (tag: string) => Promise<boolean>;
  readonly remove: (tag: string) => void;
}

/** What sellers call the chat; the visitor never sees it. */
export function TagBar({ tags, known, add, remove }: Props) {
  const [text, setText] = useState("");
  const left = leftIn(seen(text), LONGEST_LABEL);
  const keep = async (event: Event) => {
    event.preventDefault();
    const tag = seen(text);
    if (!tag || left < 0) return;
    setText("");
    if (!(await add(tag))) setText((newer) => newer || tag);
  };
  return (
    <form class="tag-bar" aria-label="Tags; the visitor never sees them" onSubmit={keep}>
      {tags.map((tag) => (
        <span key={tag} class="tag" dir="auto">
          {tag}
          <button type="button" class="quiet" aria-label={`Remove the tag ${tag}`} onClick={() => remove(tag)}>
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
          value={text}
          {...saidBy("tag-said", left < 0)}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
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
        {leftOf(MOST_TAGS - tags.length, left)}
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
