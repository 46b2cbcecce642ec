import { useEffect, useRef, useState } from "preact/hooks";
import { Composer } from "../../controls/composer";
import type { SellerDesk, SharedView } from "../../core";
import { isUnseen } from "../inbox/names";
import { leftLabel, NOTHING_TO_SEE } from "../room";
import { filledReply, type Preferences, type Reply } from "../settings/preferences";
import { CannedReplies, type Sharing } from "./canned-replies";
import type { Drafts } from "./drafts";
import { EmojiPicker } from "./emoji-picker";
import { insertAt, insertAtCaret } from "./insert";
import { repliesFor, type Slash, slashBefore } from "./slash";

export interface AnswerProps {
  readonly desk: SellerDesk;
  readonly contactId: string;
  readonly name: string;
  readonly isClosed: boolean;
  readonly sellerName: string;
  readonly preferences: Preferences;
  readonly sharedReplies: SharedView;
  readonly sharing: Sharing;
  readonly drafts: Drafts;
  /** A message was sent. */
  readonly sent: () => void;
  readonly setPreferences: (changes: Partial<Preferences>) => void;
}

/** Where the seller writes. A `/` offers the canned replies. */
export function Answer(props: AnswerProps) {
  const { desk, contactId, name, isClosed, sellerName, preferences, sharedReplies, drafts, sent, setPreferences } =
    props;
  const field = useRef<HTMLTextAreaElement>(null);
  const [slash, setSlash] = useState<Slash>();
  const [chosen, setChosen] = useState(0);
  const [isRefused, refuse] = useState(false);
  const offered = slash ? repliesFor([...preferences.cannedReplies, ...sharedReplies.replies], slash.query) : [];

  useEffect(() => {
    // Where a finger points, the keyboard would cover what is to be read.
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, []);

  const filled = (reply: Reply) => filledReply(reply.text, name, sellerName);
  const take = (reply: Reply) => {
    if (slash && field.current) insertAt(field.current, slash.from, slash.to, filled(reply));
    setSlash(undefined);
  };
  const look = () => {
    setSlash(field.current ? slashBefore(field.current.value, field.current.selectionStart) : undefined);
    setChosen(0);
  };
  const steer = (event: KeyboardEvent) => {
    const reply = offered[chosen];
    if (!reply || event.target !== field.current || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : offered.length - 1;
      setChosen((chosen + step) % offered.length);
    } else if (event.key === "Enter" || event.key === "Tab") take(reply);
    else if (event.key === "Escape") setSlash(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="answer" onKeyDownCapture={steer}>
      {offered.length > 0 && <Offers offered={offered} chosen={chosen} filled={filled} take={take} />}
      {isRefused && (
        <p class="problem caption" role="alert">
          Not sent. {NOTHING_TO_SEE}
        </p>
      )}
      <Composer
        key={isClosed ? "closed" : "open"}
        label={isClosed ? `Reopen the chat with ${name}` : `Write to ${name}`}
        sendLabel={isClosed ? "Send and reopen" : "Send"}
        draft={drafts.get(contactId)}
        field={field}
        leftLabel={leftLabel}
        typed={(text) => {
          drafts.set(contactId, text);
          refuse(false);
          desk.typing(contactId);
          look();
        }}
        send={(text) => {
          drafts.set(contactId, "");
          setSlash(undefined);
          refuse(isUnseen(text));
          if (isUnseen(text)) return;
          desk.send(contactId, text);
          sent();
        }}
      >
        <CannedReplies
          replies={preferences.cannedReplies}
          shared={sharedReplies}
          sharing={props.sharing}
          filled={filled}
          draft={() => field.current?.value ?? ""}
          insert={(text) => field.current && insertAtCaret(field.current, text)}
          change={(cannedReplies) => setPreferences({ cannedReplies })}
        />
        <EmojiPicker insert={(emoji) => field.current && insertAt(field.current, ...caretOf(field.current), emoji)} />
      </Composer>
    </div>
  );
}

function caretOf({ selectionStart, selectionEnd }: HTMLTextAreaElement): [number, number] {
  return [selectionStart, selectionEnd];
}

interface OffersProps {
  readonly offered: readonly Reply[];
  readonly chosen: number;
  readonly filled: (reply: Reply) => string;
  readonly take: (reply: Reply) => void;
}

function Offers({ offered, chosen, filled, take }: OffersProps) {
  return (
    <ul class="offers" aria-label="Canned replies that fit">
      {offered.map((reply, place) => (
        <li key={place}>
          <button
            type="button"
            tabIndex={-1}
            aria-current={place === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(reply)}
          >
            <b>/{reply.name}</b> <span>{filled(reply)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
