import { useEffect, useState } from "preact/hooks";
import type { DraftField, Drafts } from "./drafts";

export interface Draft {
  readonly text: string;
  readonly type: (text: string) => void;
  /** Empties the field while its text is being kept; where it was not, the text is there again. */
  readonly keep: (isKept: Promise<boolean>) => Promise<void>;
}

/** What is written in a field of a chat, and comes back with the chat. */
export function useDraft(drafts: Drafts, contactId: string, field: DraftField): Draft {
  const [text, setText] = useState(() => drafts.get(contactId, field));
  useEffect(() => drafts.subscribe(() => setText(drafts.get(contactId, field))), [drafts, contactId, field]);
  return {
    text,
    type: (typed) => drafts.set(contactId, typed, field),
    keep: async (isKept) => {
      const putBack = drafts.take(contactId, field);
      if (!(await isKept)) putBack();
    },
  };
}
