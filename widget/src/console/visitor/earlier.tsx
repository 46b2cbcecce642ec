import { useEffect } from "preact/hooks";
import { Sheet } from "../../controls/sheet";
import type { Colleague, ConversationView, EarlierContact, EarlierReading, PastView, SellerSnapshot } from "../../core";
import { MessageList } from "../../timeline/message-list";
import { rowsOfDesk } from "../conversation/colleagues";
import { noteOf } from "../conversation/lifecycle-notes";
import { CONSOLE_LANGUAGE } from "../english";
import { nameOf } from "../inbox/contacts";
import { sentenceFor } from "../words";
import { momentOf } from "./blocked-sheet";

interface EarlierProps {
  readonly reading: EarlierReading;
  readonly snapshot: SellerSnapshot;
  readonly view: ConversationView;
}

/** What the visitor had before the chat that goes on, as far as the seller may see it; nothing where there is none. */
export function EarlierChats({ reading, snapshot: { earlier, past, team }, view }: EarlierProps) {
  const { contactId, ownName, loaded, status } = view;
  // Beside what has ended it would be refused.
  const goesOn = loaded && status !== "closed";
  useEffect(() => {
    if (goesOn) reading.list(contactId);
    else reading.putAway();
  }, [goesOn]);
  useEffect(() => reading.putAway, []);
  const { contacts = [], next } = earlier.get(contactId) ?? {};
  if (!goesOn || (contacts.length === 0 && next === undefined)) return null;
  return (
    <>
      <p class="caption">Earlier chats</p>
      <ul class="earlier" aria-label="Earlier chats">
        {contacts.map((each) => (
          <li key={each.contact_id}>
            <button type="button" class="quiet" onClick={() => reading.read(contactId, each.contact_id)}>
              <span dir="auto">{each.message ?? "Nothing was written at first."}</span>
              <small>
                {momentOf(each.opened_at)}, {sellerOf(each, ownName, team)}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <button type="button" class="link" onClick={() => reading.more(contactId)}>
          Show older chats
        </button>
      )}
      {past && <PastSheet past={past} name={nameOf(contactId, view)} ownName={ownName} team={team} reading={reading} />}
    </>
  );
}

function sellerOf({ seller_id: seller }: EarlierContact, ownName: string, team: readonly Colleague[]): string {
  if (seller === null) return "with nobody";
  const colleague = team.find(({ seller_id }) => seller_id === seller);
  return seller === ownName ? "with you" : `with ${colleague?.name ?? seller}`;
}

interface PastProps {
  readonly past: PastView;
  readonly name: string;
  readonly ownName: string;
  readonly team: readonly Colleague[];
  readonly reading: EarlierReading;
}

const NONE = { delivered: 0, read: 0 };

/** One of them, to be read. */
function PastSheet({ past, name, ownName, team, reading }: PastProps) {
  const { contactId, entries, hasMore, isUnderWay, failure } = past;
  const rows = rowsOfDesk({
    contactId,
    status: "closed",
    sellerId: undefined,
    userInfo: undefined,
    items: entries,
    outgoing: [],
    ownName,
    peerMarks: NONE,
    ownMarks: NONE,
    unread: 0,
    peerTyping: false,
    loaded: true,
  });
  return (
    <Sheet label={`An earlier chat with ${name}`} closed={reading.putAway}>
      <div class="past">
        <MessageList
          language={CONSOLE_LANGUAGE}
          peerName={name}
          typingLabel=""
          noteOf={(entry) => noteOf(entry, ownName, team)}
          retry={() => {}}
          discard={() => {}}
          rows={rows}
          isSettled={false}
          isPeerTyping={false}
        />
      </div>
      {isUnderWay && <p class="caption">It is being read…</p>}
      {failure && <p role="alert">{failure === "contact_closed" ? ENDED : sentenceFor({ code: failure })}</p>}
      {!isUnderWay && !failure && entries.length === 0 && <p class="caption">Nothing of it is left.</p>}
      {!isUnderWay && (hasMore || failure) && (
        <button type="button" class="secondary" onClick={reading.readOn}>
          {failure ? "Try again" : "Show more"}
        </button>
      )}
    </Sheet>
  );
}

const ENDED = "The chat beside which you read this has ended.";
