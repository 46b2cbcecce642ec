import type { Broadcast, Cancel } from "./ports";
import type { Entry, Marks, PresenceStatus } from "./protocol";

/** What the tabs of one device tell each other. What is stored they read for themselves. */
export type TabMessage =
  | { readonly about: "session" }
  | { readonly about: "presence"; readonly status: PresenceStatus }
  | { readonly about: "outbox"; readonly contactId: string }
  | { readonly about: "entry"; readonly contactId: string; readonly entry: Entry }
  | { readonly about: "marks"; readonly contactId: string; readonly marks: Marks };

export interface Tabs {
  tell(message: TabMessage): void;
  listen(listener: (message: TabMessage) => void): Cancel;
}

/** `scope` keeps chats with different sellers on one device apart. */
export function createTabs(broadcast: Broadcast, scope: string): Tabs {
  return {
    tell: (message) => broadcast.post({ scope, ...message }),
    listen: (listener) =>
      broadcast.listen((message) => {
        const told = message as { scope?: string } & TabMessage;
        if (told?.scope === scope) listener(told);
      }),
  };
}
