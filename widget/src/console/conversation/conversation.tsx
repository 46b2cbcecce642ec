import { useRef } from "preact/hooks";
import { BACK, Icon, MORE } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import type { Colleague, ConversationView, Entry, Note, TeamOutlook } from "../../core";
import { MessageList } from "../../timeline/message-list";
import { downloadText } from "../../timeline/transcript";
import { CONSOLE_LANGUAGE } from "../english";
import { Answer, type AnswerProps } from "./answer";
import { rowsOfDesk, transcriptOfDesk } from "./colleagues";
import { type HandedOver, HandOver } from "./hand-over";
import { noteOf } from "./lifecycle-notes";
import { Notes } from "./notes";
import { Away, SnoozeMenu } from "./snooze-menu";
import { TagBar } from "./tag-bar";
import { useWindow } from "./window";

interface Props extends Omit<AnswerProps, "isClosed"> {
  readonly view: ConversationView;
  /** The visitor left before anybody had the chat. */
  readonly isNobodys: boolean;
  readonly areDetailsShown: boolean;
  readonly toggleDetails: () => void;
  readonly team: readonly Colleague[];
  readonly teams: readonly TeamOutlook[];
  readonly handOver: (to: string, note: string) => Promise<HandedOver>;
  readonly notes: readonly Note[];
  /** False where it was not kept. */
  readonly writeNote: (text: string) => Promise<boolean>;
  readonly tags: readonly string[];
  readonly knownTags: readonly string[];
  /** False where it was not kept. */
  readonly addTag: (tag: string) => Promise<boolean>;
  readonly removeTag: (tag: string) => void;
  /** In milliseconds since the epoch; undefined where the chat is not away. */
  readonly awayUntil: number | undefined;
  /** False where it was not put away. */
  readonly snooze: (until: number) => Promise<boolean>;
  readonly fetchBack: () => void;
  readonly take: () => void;
  readonly end: () => void;
  readonly block: () => void;
  readonly back: () => void;
}

export function Conversation(props: Props) {
  const { desk, contactId, view, name, areDetailsShown, toggleDetails, team, handOver, end, block, back } = props;
  const isOpen = view.status === "open";
  const main = useRef<HTMLElement>(null);
  const told = (entry: Entry) => noteOf(entry, view.ownName, team);
  const all = rowsOfDesk(view).filter((row) => row.kind !== "note" || told(row.entry) !== undefined);
  const { rows, below, isNewest } = useWindow(all, () => main.current?.querySelector<HTMLElement>(".messages") ?? null);
  return (
    <main class={`conversation ${isNewest ? "" : "is-past"}`} ref={main} style={{ "--below": `${below}px` }}>
      <header>
        <button type="button" class="quiet back" aria-label="Back to the list" onClick={back}>
          <Icon path={BACK} />
        </button>
        <h2 dir="auto" title={name}>
          {name}
        </h2>
        <button type="button" class="secondary about" aria-expanded={areDetailsShown} onClick={toggleDetails}>
          Visitor
        </button>
        {isOpen && (
          <HandOver
            sellerId={view.ownName}
            team={team}
            teams={props.teams}
            refreshTeam={desk.refreshTeam}
            contactId={contactId}
            drafts={props.drafts}
            handOver={handOver}
          />
        )}
        {isOpen && <SnoozeMenu snooze={props.snooze} />}
        {isOpen && (
          <button type="button" class="secondary" onClick={end}>
            End chat
          </button>
        )}
        <Popover label="More" icon={MORE}>
          <button
            type="button"
            onClick={(event) => {
              closePopover(event);
              downloadText(`chat-${contactId}.txt`, transcriptOfDesk(view, name));
            }}
          >
            Download transcript
          </button>
          {view.sellerId === view.ownName && (
            <button
              type="button"
              onClick={(event) => {
                closePopover(event);
                block();
              }}
            >
              Block the visitor
            </button>
          )}
        </Popover>
      </header>
      {props.awayUntil !== undefined && <Away until={props.awayUntil} fetchBack={props.fetchBack} />}
      <TagBar
        contactId={contactId}
        drafts={props.drafts}
        tags={props.tags}
        known={props.knownTags}
        add={props.addTag}
        remove={props.removeTag}
      />
      <MessageList
        language={CONSOLE_LANGUAGE}
        peerName={name}
        typingLabel={`${name} is typing`}
        noteOf={told}
        retry={(id) => desk.retry(contactId, id)}
        discard={(id) => desk.discard(contactId, id)}
        rows={rows}
        isSettled={view.loaded && isNewest}
        isPeerTyping={view.peerTyping}
      />
      <Notes
        contactId={contactId}
        drafts={props.drafts}
        notes={props.notes}
        ownName={view.ownName}
        team={team}
        write={props.writeNote}
      />
      <Foot {...props} />
    </main>
  );
}

/** Where the seller answers; takes who waits; or hears that there is nobody to answer any more. */
function Foot(props: Props) {
  const { view, isNobodys, take } = props;
  if (view.status === "queued") {
    return (
      <div class="taking">
        <p>Nobody answers yet. The visitor does not see that you read this.</p>
        <button type="button" class="primary" onClick={take}>
          Take the chat
        </button>
      </div>
    );
  }
  const isClosed = view.status === "closed";
  if (isClosed && isNobodys) return <p class="ended">The visitor left before anybody answered.</p>;
  return (
    <>
      {isClosed && <p class="ended">This chat has ended. What you write reopens it.</p>}
      <Answer {...props} isClosed={isClosed} />
    </>
  );
}
