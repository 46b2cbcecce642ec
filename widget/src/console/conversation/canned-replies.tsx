import { useState } from "preact/hooks";
import { REPLIES } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import { nameFor, type Reply } from "../settings/preferences";

interface Props {
  readonly replies: readonly Reply[];
  readonly filled: (reply: Reply) => string;
  readonly draft: () => string;
  readonly insert: (text: string) => void;
  readonly change: (replies: readonly Reply[]) => void;
}

/** The seller's own replies: to insert, to change, to delete and have back. */
export function CannedReplies({ replies, filled, draft, insert, change }: Props) {
  const [edited, edit] = useState<number>();
  const [deleted, setDeleted] = useState<{ readonly reply: Reply; readonly place: number }>();

  const keep = () => {
    const text = draft().trim();
    if (!text || replies.some((reply) => reply.text === text)) return;
    change([...replies, { name: nameFor(text), text }]);
    edit(replies.length);
  };
  const remove = (place: number) => {
    const reply = replies[place];
    if (!reply) return;
    setDeleted({ reply, place });
    change(replies.filter((_, other) => other !== place));
  };
  const restore = () => {
    if (deleted) change(replies.toSpliced(deleted.place, 0, deleted.reply));
    setDeleted(undefined);
  };

  return (
    <Popover label="Canned replies" icon={REPLIES}>
      <p class="caption">
        Type <kbd>/</kbd> and a name to insert one.
      </p>
      <ul class="replies">
        {replies.map((reply, place) =>
          place === edited ? (
            <li key={place}>
              <Editor
                reply={reply}
                save={(changed) => {
                  change(replies.with(place, changed));
                  edit(undefined);
                }}
              />
            </li>
          ) : (
            <li key={place}>
              <button
                type="button"
                title={`/${reply.name}`}
                onClick={(event) => {
                  closePopover(event);
                  insert(filled(reply));
                }}
              >
                {filled(reply)}
              </button>
              <button type="button" class="quiet" aria-label={`Edit: ${reply.text}`} onClick={() => edit(place)}>
                ✎
              </button>
              <button type="button" class="quiet" aria-label={`Delete: ${reply.text}`} onClick={() => remove(place)}>
                ×
              </button>
            </li>
          ),
        )}
      </ul>
      {deleted && (
        <p class="caption" role="status">
          Deleted.{" "}
          <button type="button" class="link" onClick={restore}>
            Undo
          </button>
        </p>
      )}
      <button type="button" onClick={keep}>
        Keep what I have written as a reply
      </button>
    </Popover>
  );
}

interface EditorProps {
  readonly reply: Reply;
  readonly save: (reply: Reply) => void;
}

/** No form: it lies within the composer's. */
function Editor({ reply, save }: EditorProps) {
  const [name, setName] = useState(reply.name);
  const [text, setText] = useState(reply.text);
  const isWhole = text.trim() !== "";
  return (
    <div class="editor">
      <label>
        Name
        <input
          value={name}
          maxLength={32}
          onInput={({ currentTarget }) => setName(currentTarget.value.replace(/[^\p{L}\p{N}_-]/gu, ""))}
        />
      </label>
      <label>
        Text; {"{name}"} is the visitor, {"{seller}"} is you
        <textarea
          rows={3}
          maxLength={1000}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button
        type="button"
        class="primary"
        disabled={!isWhole}
        onClick={() => save({ name: name || nameFor(text), text: text.trim() })}
      >
        Save
      </button>
    </div>
  );
}
