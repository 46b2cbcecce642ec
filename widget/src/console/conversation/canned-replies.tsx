import { useEffect, useId, useRef, useState } from "preact/hooks";
import { REPLIES } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import type { SharedReply, SharedView } from "../../core";
import { COUNT_LETTERS_FROM, LONGEST_LABEL } from "../inbox/names";
import { Left, leftIn, saidBy } from "../room";
import { LETTERS, nameFor, type Reply } from "../settings/preferences";
import { COUNT_DOWN_FROM, LONGEST_NOTE } from "./note-field";

const NO_NAME = new RegExp(`[^${LETTERS}_-]`, "gu");

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
  /** Why it was not changed; undefined once it is. */
  change(base: number, reply: SharedReply): Promise<Complaint | undefined>;
  remove(base: number, id: string): void;
}

/** What was wrong with a reply, and with which of its fields. */
interface Complaint {
  readonly sentence: string;
  readonly field: string | undefined;
}

/** The seller's own replies and those of the team: to insert, to change, to delete; the own ones also to have back. */
export function CannedReplies({ replies, shared, filled, draft, insert, change, sharing }: Props) {
  const [edited, edit] = useState<Reply>();
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
    const kept = { name: nameFor(text), text };
    change([...replies, kept]);
    edit(kept);
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

  // Another tab may have moved it, or deleted it.
  const placeOfEdited = replies.findIndex((reply) => isSame(reply, edited));
  const save = async (changed: Reply) => {
    change(placeOfEdited < 0 ? [...replies, changed] : replies.with(placeOfEdited, changed));
    edit(undefined);
    return undefined;
  };

  return (
    <Popover label="Canned replies" icon={REPLIES}>
      <p class="caption">
        Type <kbd>/</kbd> and a name to insert one.
      </p>
      <ul class="replies" ref={list}>
        {withEdited(replies, placeOfEdited < 0 ? edited : undefined).map((reply, place) =>
          isSame(reply, edited) ? (
            <li key="edited">
              <Editor reply={reply} save={save} close={() => edit(undefined)} />
            </li>
          ) : (
            <Line
              key={place}
              reply={reply}
              filled={filled}
              insert={insert}
              edit={() => edit(reply)}
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

/** What is being edited stays, also where it was taken away meanwhile. */
function withEdited<Kept>(replies: readonly Kept[], gone: Kept | undefined): readonly Kept[] {
  return gone ? [...replies, gone] : replies;
}

function isSame(reply: Reply, other: Reply | undefined): boolean {
  return reply.name === other?.name && reply.text === other.text;
}

/** A reply of the team as the seller saw it who changes it. */
interface Edited {
  readonly reply: SharedReply;
  readonly team: string | undefined;
  /** Undefined once the seller was told what a colleague made of it: what there is then is changed. */
  readonly base: number | undefined;
}

/** Those of the team. Who edits one changes it as they saw it: not if a colleague has changed it meanwhile. */
function SharedReplies({ shared, filled, insert, sharing }: Pick<Props, "shared" | "filled" | "insert" | "sharing">) {
  const [edited, edit] = useState<Edited>();
  const now = shared.replies.find(({ id }) => id === edited?.reply.id);
  const lines = withEdited(shared.replies, now ? undefined : edited?.reply);
  if (lines.length === 0) return null;
  const save = async ({ reply, team, base }: Edited, changed: Reply) => {
    const isOfTeam = team === shared.team;
    const complaint = await sharing.change((isOfTeam ? base : undefined) ?? shared.version, {
      id: reply.id,
      ...changed,
    });
    if (complaint?.field === "base") edit({ reply, team: shared.team, base: undefined });
    else if (!complaint) edit(undefined);
    return complaint;
  };
  return (
    <>
      <p class="caption">Shared with the team</p>
      <ul class="replies" aria-label="Shared with the team">
        {lines.map((reply) =>
          reply.id === edited?.reply.id ? (
            <li key={reply.id}>
              <Editor
                reply={edited.reply}
                hint={hintOn(edited, shared, now)}
                save={(changed) => save(edited, changed)}
                close={() => edit(undefined)}
              />
            </li>
          ) : (
            <Line
              key={reply.id}
              reply={reply}
              filled={filled}
              insert={insert}
              edit={() => edit({ reply, team: shared.team, base: shared.version })}
              remove={() => sharing.remove(shared.version, reply.id)}
            />
          ),
        )}
      </ul>
    </>
  );
}

/** What a seller has to know who saves it. */
function hintOn({ team, base }: Edited, shared: SharedView, now: SharedReply | undefined): string | undefined {
  if (team !== shared.team) return "You are in another team now. Save this to share it there.";
  if (base !== undefined) return undefined;
  return now
    ? `It says now: “${now.text}” Save yours in its place, or cancel.`
    : "It was deleted. Save yours anew, or cancel.";
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
  readonly hint?: string | undefined;
  /** Gives what was wrong, if anything was. */
  readonly save: (reply: Reply) => Promise<Complaint | undefined>;
  readonly close: () => void;
}

/** No form: it lies within the composer's. What was typed stays until it is kept. */
function Editor({ reply, hint, save, close }: EditorProps) {
  const [name, setName] = useState(reply.name);
  const [text, setText] = useState(reply.text);
  const [isUnderWay, setUnderWay] = useState(false);
  const [complaint, complain] = useState<Complaint>();
  const said = useId();
  const left = { name: leftIn(name, LONGEST_LABEL), text: leftIn(text.trim(), LONGEST_NOTE) };
  const isWhole = text.trim() !== "" && left.name >= 0 && left.text >= 0;
  const submit = async () => {
    setUnderWay(true);
    complain(await save({ name: name || nameFor(text), text: text.trim() }));
    setUnderWay(false);
  };
  return (
    <div class="editor">
      <label>
        Name
        <input
          value={name}
          {...saidBy(`${said} ${said}-name-left`, left.name < 0 || complaint?.field === "name")}
          onInput={({ currentTarget }) => setName(currentTarget.value.replace(NO_NAME, ""))}
        />
      </label>
      <Left id={`${said}-name-left`} left={left.name} from={COUNT_LETTERS_FROM} />
      <label>
        Text; {"{name}"} is the visitor, {"{seller}"} is you
        <textarea
          rows={3}
          value={text}
          {...saidBy(`${said} ${said}-text-left`, left.text < 0 || complaint?.field === "text")}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <Left id={`${said}-text-left`} left={left.text} from={COUNT_DOWN_FROM} />
      <small id={said} role="status">
        {complaint && `Not saved. ${complaint.sentence}`} {hint}
      </small>
      <button type="button" class="primary" disabled={!isWhole || isUnderWay} onClick={staying(() => void submit())}>
        Save
      </button>
      <button type="button" class="link" onClick={staying(close)}>
        Cancel
      </button>
    </div>
  );
}
