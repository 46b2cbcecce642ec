import { useEffect, useRef, useState } from "preact/hooks";
import { REPLIES } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import type { SharedReply, SharedView } from "../../core";
import { nameFor, type Reply } from "../settings/preferences";

interface Props {
  readonly replies: readonly Reply[];
  readonly shared: SharedView;
  readonly filled: (reply: Reply) => string;
  readonly draft: () => string;
  readonly insert: (text: string) => void;
  readonly change: (replies: readonly Reply[]) => void;
  readonly sharing: Sharing;
}

/** What is done with the replies of the team; each says what became of it if that is nothing. */
export interface Sharing {
  refresh(): void;
  add(reply: Reply): void;
  change(base: number, reply: SharedReply): void;
  remove(base: number, id: string): void;
}

/** The seller's own replies and those of the team: to insert, to change, to delete; the own ones also to have back. */
export function CannedReplies({ replies, shared, filled, draft, insert, change, sharing }: Props) {
  const [edited, edit] = useState<number>();
  const [deleted, setDeleted] = useState<{ readonly reply: Reply; readonly place: number }>();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const menu = list.current?.closest("details");
    const toggled = () => menu?.open && sharing.refresh();
    menu?.addEventListener("toggle", toggled);
    return () => menu?.removeEventListener("toggle", toggled);
  }, [sharing.refresh]);

  const keep = () => {
    const text = draft().trim();
    if (!text || replies.some((reply) => reply.text === text)) return;
    change([...replies, { name: nameFor(text), text }]);
    edit(replies.length);
  };
  const share = () => {
    const text = draft().trim();
    if (text && !shared.replies.some((reply) => reply.text === text)) sharing.add({ name: nameFor(text), text });
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
      <ul class="replies" ref={list}>
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
            <Line
              key={place}
              reply={reply}
              filled={filled}
              insert={insert}
              edit={() => edit(place)}
              remove={() => remove(place)}
            />
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
      <SharedReplies shared={shared} filled={filled} insert={insert} sharing={sharing} />
      <button type="button" onClick={share}>
        Share what I have written with the team
      </button>
    </Popover>
  );
}

/** Those of the team. Who edits one changes it as they saw it: not if a colleague has changed it meanwhile. */
function SharedReplies({ shared, filled, insert, sharing }: Pick<Props, "shared" | "filled" | "insert" | "sharing">) {
  const [edited, edit] = useState<{ readonly id: string; readonly base: number }>();
  if (shared.replies.length === 0) return null;
  return (
    <>
      <p class="caption">Shared with the team</p>
      <ul class="replies" aria-label="Shared with the team">
        {shared.replies.map((reply) =>
          reply.id === edited?.id ? (
            <li key={reply.id}>
              <Editor
                reply={reply}
                save={(changed) => {
                  sharing.change(edited.base, { id: reply.id, ...changed });
                  edit(undefined);
                }}
              />
            </li>
          ) : (
            <Line
              key={reply.id}
              reply={reply}
              filled={filled}
              insert={insert}
              edit={() => edit({ id: reply.id, base: shared.version })}
              remove={() => sharing.remove(shared.version, reply.id)}
            />
          ),
        )}
      </ul>
    </>
  );
}

interface LineProps extends Pick<Props, "filled" | "insert"> {
  readonly reply: Reply;
  readonly edit: () => void;
  readonly remove: () => void;
}

function Line({ reply, filled, insert, edit, remove }: LineProps) {
  return (
    <li>
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
      <button type="button" class="quiet" aria-label={`Edit: ${reply.text}`} onClick={staying(edit)}>
        ✎
      </button>
      <button type="button" class="quiet" aria-label={`Delete: ${reply.text}`} onClick={staying(remove)}>
        ×
      </button>
    </li>
  );
}

/** Keeps the popover unfolded, which folds when the focus leaves it: the button that was pressed goes. */
function staying(act: () => void): (event: Event) => void {
  return ({ currentTarget }) => {
    (currentTarget as Element).closest<HTMLElement>(".choices")?.focus();
    act();
  };
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
        onClick={staying(() => save({ name: name || nameFor(text), text: text.trim() }))}
      >
        Save
      </button>
    </div>
  );
}
