import { useRef, useState } from "preact/hooks";
import type { ChatProblem, ConversationView, Entry, SellerDesk } from "../core";
import { BACK, Icon, MORE, SEND, TRANSFER } from "../timeline/icon";
import { MessageList } from "../timeline/message-list";
import { rowsOf } from "../timeline/rows";
import { downloadText, transcriptOf } from "../timeline/transcript";
import { CannedReplies } from "./canned-replies";
import { CONSOLE_LANGUAGE } from "./english";
import { closePopover, Popover } from "./popover";
import type { Preferences } from "./preferences";

interface Props {
  readonly desk: SellerDesk;
  readonly contactId: string;
  readonly view: ConversationView | undefined;
  readonly name: string;
  readonly preferences: Preferences;
  readonly setPreferences: (changes: Partial<Preferences>) => void;
  readonly back: () => void;
}

const LONGEST_MESSAGE = 4000;
/** What was begun in one conversation is still there after a look at another. */
const drafts = new Map<string, string>();

export function Conversation(props: Props) {
  const { desk, contactId, view, name } = props;
  const [problem, setProblem] = useState<string>();
  const isClosed = view?.status === "closed";

  const ask = (what: Promise<void>) => {
    setProblem(undefined);
    what.catch(({ reason }: ChatProblem) => setProblem(reason));
  };

  return (
    <main class="conversation">
      <header>
        <button type="button" class="quiet back" aria-label="Back to the list" onClick={props.back}>
          <Icon path={BACK} />
        </button>
        <h2>{name}</h2>
        {!isClosed && <Transfer transfer={(to) => ask(desk.transfer(contactId, to))} />}
        {!isClosed && (
          <button type="button" class="secondary" onClick={() => ask(desk.close(contactId))}>
            End chat
          </button>
        )}
        {view && (
          <Popover label="More" icon={MORE}>
            <button
              type="button"
              onClick={(event) => {
                closePopover(event);
                downloadText(`chat-${contactId}.txt`, transcriptOf(rowsOf(view), { own: "You", peer: name }));
              }}
            >
              Download transcript
            </button>
          </Popover>
        )}
      </header>
      <p class="problem" role="alert">
        {problem}
      </p>
      <MessageList
        language={CONSOLE_LANGUAGE}
        peerName={name}
        typingLabel={`${name} is typing`}
        noteOf={noteOf}
        retry={(id) => desk.retry(contactId, id)}
        discard={(id) => desk.discard(contactId, id)}
        rows={view ? rowsOf(view) : []}
        isSettled={view?.loaded ?? false}
        isPeerTyping={view?.peerTyping ?? false}
      />
      <Composer {...props} />
    </main>
  );
}

function Composer({ desk, contactId, name, preferences, setPreferences }: Props) {
  const input = useRef<HTMLTextAreaElement>(null);

  const send = () => {
    const field = input.current;
    if (field?.value.trim()) desk.send(contactId, field.value.trim());
    set("");
  };
  const set = (text: string) => {
    drafts.set(contactId, text);
    if (!input.current) return;
    input.current.value = text;
    input.current.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <CannedReplies
        name={name}
        replies={preferences.cannedReplies}
        draft={() => input.current?.value ?? ""}
        insert={set}
        change={(cannedReplies) => setPreferences({ cannedReplies })}
      />
      <textarea
        ref={input}
        rows={1}
        dir="auto"
        maxLength={LONGEST_MESSAGE}
        aria-label={`Write to ${name}`}
        placeholder={`Write to ${name}`}
        defaultValue={drafts.get(contactId) ?? ""}
        onInput={({ currentTarget }) => {
          drafts.set(contactId, currentTarget.value);
          desk.typing(contactId);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="send" aria-label="Send">
        <Icon path={SEND} />
      </button>
    </form>
  );
}

function Transfer({ transfer }: { readonly transfer: (to: string) => void }) {
  return (
    <Popover label="Transfer" icon={TRANSFER}>
      <form
        class="transfer"
        onSubmit={(event) => {
          event.preventDefault();
          closePopover(event);
          transfer(String(new FormData(event.currentTarget).get("to") ?? "").trim());
        }}
      >
        <label for="transfer-to">Hand over to seller</label>
        <input id="transfer-to" name="to" required autocomplete="off" placeholder="Seller id" />
        <button type="submit" class="primary">
          Transfer
        </button>
      </form>
    </Popover>
  );
}

function noteOf({ kind, seller_id: seller, reason }: Entry): string | undefined {
  switch (kind) {
    case "opened":
      return "The visitor started the chat.";
    case "queued":
      return reason === "out_of_hours" ? "The visitor came out of hours and waits." : "The visitor waits in the queue.";
    case "assigned":
      return `Assigned to ${seller}.`;
    case "transferred":
      return `Handed over to ${seller}.`;
    case "reopened":
      return "The chat goes on.";
    case "closed":
      return reason === "idle" ? "The chat ended because nobody wrote any more." : "The chat has ended.";
    default:
      return undefined;
  }
}
