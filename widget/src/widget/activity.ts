import type { ConversationView, LogItem, VisitorSnapshot } from "../core";
import type { Events } from "./events";

/** Turns what changed from one snapshot to the next into the page's events. */
export function createActivity(events: Events): (snapshot: VisitorSnapshot) => void {
  let previous: VisitorSnapshot | undefined;

  function tell({ contactId, ownName }: ConversationView, item: LogItem): void {
    if (item.kind !== "message") return;
    const text = item.message ?? "";
    if (item.from === ownName) events.emit("message-sent", { contactId, id: item.id ?? "", text });
    else events.emit("message-received", { contactId, from: item.from, text });
  }

  return (snapshot) => {
    const { conversation, phase, problem } = snapshot;
    const before = previous;
    previous = snapshot;
    if (conversation) {
      const isStart = before?.phase === "starting" && phase === "chatting";
      if (isStart) events.emit("chat-started", { contactId: conversation.contactId });
      for (const item of news(before?.conversation, conversation, isStart)) tell(conversation, item);
    }
    const count = unread(snapshot);
    if (count !== unread(before)) events.emit("unread", { count });
    if (problem && problem !== before?.problem) events.emit("error", problem);
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
