import type { Broadcast, Cancel } from "./ports";
import type { Entry, Marks, PresenceStatus } from "./protocol";

/** What the tabs of one device tell each other. What is stored they read for themselves. */
export type TabMessage =
  | { readonly about: "session" }
  | { readonly about: "outbox"; readonly contactId: string }
  | { readonly about: "entry"; readonly contactId: string; readonly entry: Entry }
  | { readonly about: "marks"; readonly contactId: string; readonly marks: Marks };

/** What a seller's tabs tell each other besides. */
export type SellerTabMessage =
  | TabMessage
  | { readonly about: "presence"; readonly status: PresenceStatus }
  | { readonly about: "signOut" };

export interface Tabs<Message> {
  tell(message: Message): void;
  listen(listener: (message: Message) => void): Cancel;
}

/** `scope` keeps chats with different sellers on one device apart. */
export function createTabs<Message = TabMessage>(broadcast: Broadcast, scope: string): Tabs<Message> {
  return {
    tell: (message) => broadcast.post({ scope, ...message }),
    listen: (listener) =>
      broadcast.listen((message) => {
        const told = message as { scope?: string } & Message;
        if (told?.scope === scope) listener(told);
      }),
  };
}
