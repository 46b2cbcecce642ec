import type { ConversationView, Entry, LogItem, VisitorSnapshot } from "../core";
import type { Events } from "./events";

export interface Activity {
  follow(snapshot: VisitorSnapshot): void;
  /** The chat is left: nothing of it is unread any more. */
  end(): void;
}

/** Turns what changed from one snapshot to the next into the page's events; `called` is told of each new message of the seller. */
export function createActivity(events: Events, called: (contactId: string, entry: Entry) => void): Activity {
  let previous: VisitorSnapshot | undefined;
  let standing: { readonly contactId: string; readonly is: string } | undefined;

  function tell({ contactId, ownName }: ConversationView, item: LogItem): void {
    if (item.kind !== "message") return;
    const text = item.message ?? "";
    const isOwn = item.from === ownName;
    events.emit("message", { contactId, by: isOwn ? "visitor" : "seller" });
    if (isOwn) events.emit("message-sent", { contactId, id: item.id ?? "", text });
    else {
      events.emit("message-received", { contactId, from: item.from, text });
      called(contactId, item);
    }
  }

  /** Who has it, or that nobody does; what is read of the past after a reload is no news. */
  function tellOfStanding({ contactId, status, sellerId, loaded }: ConversationView, isStart: boolean): void {
    if (isStart) standing = { contactId, is: "new" };
    if (!loaded) return;
    const is = status === "open" ? `open ${sellerId}` : status;
    const before = standing;
    standing = { contactId, is };
    if (before?.contactId !== contactId || before.is === is) return;
    if (status === "queued") events.emit("queued", { contactId });
    else if (status === "closed") events.emit("ended", { contactId });
    else events.emit("assigned", { contactId, sellerId });
  }

  function count(before: VisitorSnapshot | undefined, now: VisitorSnapshot | undefined): void {
    if (unread(now) !== unread(before)) events.emit("unread", { count: unread(now) });
  }

  return {
    follow: (snapshot) => {
      const { conversation, phase, problem } = snapshot;
      const before = previous;
      previous = snapshot;
      if (conversation) {
        const isStart = before?.phase === "starting" && phase === "chatting";
        if (isStart) events.emit("chat-started", { contactId: conversation.contactId });
        tellOfStanding(conversation, isStart);
        for (const item of news(before?.conversation, conversation, isStart)) tell(conversation, item);
      }
      count(before, snapshot);
      if (problem && problem !== before?.problem) events.emit("error", problem);
    },
    end: () => {
      count(previous, undefined);
      previous = undefined;
    },
  };
}

function unread(snapshot: VisitorSnapshot | undefined): number {
  return snapshot?.conversation?.unread ?? 0;
}

/** What joined the conversation. What is read of its past after a reload is no news. */
function news(before: ConversationView | undefined, now: ConversationView, isStart: boolean): readonly LogItem[] {
  if (before?.contactId !== now.contactId) return isStart ? now.items : [];
  return before.loaded ? now.items.slice(before.items.length) : [];
}
