import type { Entry, VisitorSnapshot } from "../core";

/** The seller's newest message, for a visitor who has not seen it and has not put it away. */
export interface Teasing {
  text(): string | undefined;
  dismiss(): void;
}

export function createTeasing(now: () => VisitorSnapshot, changed: () => void): Teasing {
  let dismissed: Entry | undefined;
  return {
    text: () => {
      const message = newest(now());
      return now().conversation?.unread && message !== dismissed ? message?.message : undefined;
    },
    dismiss: () => {
      dismissed = newest(now());
      changed();
    },
  };
}

function newest({ conversation }: VisitorSnapshot): Entry | undefined {
  const message = conversation?.items.findLast(({ kind }) => kind === "message");
  return message?.kind === "message" && message.from !== conversation?.ownName ? message : undefined;
}
