import type { Entry, VisitorChat, VisitorSnapshot } from "../core";

/** The seller's newest message, for a visitor who has not seen it and has not put it away. */
export interface Teasing {
  text(): string | undefined;
  dismiss(): void;
}

/** Kept with what the visitor writes: on the next page, too, it stays away. */
const DISMISSED = "dismissed";

export function createTeasing(now: () => VisitorChat, changed: () => void): Teasing {
  return {
    text: () => {
      const chat = now();
      const message = newest(chat.getSnapshot());
      return message && chat.draft(DISMISSED) !== message.timestamp ? message.message : undefined;
    },
    dismiss: () => {
      const chat = now();
      chat.keepDraft(DISMISSED, newest(chat.getSnapshot())?.timestamp ?? "");
      changed();
    },
  };
}

function newest({ conversation }: VisitorSnapshot): Entry | undefined {
  if (!conversation?.unread) return undefined;
  const message = conversation.items.findLast(({ kind }) => kind === "message") as Entry;
  return message.from === conversation.ownName ? undefined : message;
}
