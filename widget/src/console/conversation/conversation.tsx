import { useRef, useState } from "preact/hooks";
import { Composer } from "../../controls/composer";
import { BACK, Icon, MORE, TRANSFER } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import type { ChatProblem, ConversationView, Entry, SellerDesk } from "../../core";
import { MessageList } from "../../timeline/message-list";
import { downloadText, transcriptOf } from "../../timeline/transcript";
import { CONSOLE_LANGUAGE } from "../english";
import type { Preferences } from "../settings/preferences";
import { CannedReplies } from "./canned-replies";
import { rowsOfDesk } from "./colleagues";

interface Props {
  readonly desk: SellerDesk;
  readonly contactId: string;
  readonly view: ConversationView | undefined;
  readonly name: string;
  readonly preferences: Preferences;
  readonly setPreferences: (changes: Partial<Preferences>) => void;
  readonly back: () => void;
}

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
        <h2 dir="auto" title={name}>
          {name}
        </h2>
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
                downloadText(`chat-${contactId}.txt`, transcriptOf(rowsOfDesk(view), { own: "You", peer: name }));
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
        rows={view ? rowsOfDesk(view) : []}
        isSettled={view?.loaded ?? false}
        isPeerTyping={view?.peerTyping ?? false}
      />
      <Answer {...props} />
    </main>
  );
}

function Answer({ desk, contactId, name, preferences, setPreferences }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    drafts.set(contactId, text);
    if (!field.current) return;
    field.current.value = text;
    field.current.focus();
  };
  return (
    <Composer
      label={`Write to ${name}`}
      sendLabel="Send"
      draft={drafts.get(contactId)}
      field={field}
      typed={(text) => {
        drafts.set(contactId, text);
        desk.typing(contactId);
      }}
      send={(text) => {
        drafts.delete(contactId);
        desk.send(contactId, text);
      }}
    >
      <CannedReplies
        name={name}
        replies={preferences.cannedReplies}
        draft={() => field.current?.value ?? ""}
        insert={insert}
        change={(cannedReplies) => setPreferences({ cannedReplies })}
      />
    </Composer>
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
