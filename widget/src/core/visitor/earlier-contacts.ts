import type { ConversationView } from "../api";
import { type Conversation, createConversation } from "../contact/conversation";
import type { Ports } from "../ports";
import type { ServerFrame } from "../protocol";
import type { CurrentContactOptions } from "./current-contact";

/** The contacts that came before the current one: read, so that what the seller said there is not lost, and no more. */
export interface EarlierContacts {
  views(): readonly ConversationView[];
  /** Another contact is the current one; until it has its place, the last one still is. */
  adopt(currentId: string | undefined): void;
  up(): void;
  down(): void;
  /** False if the frame is about none of them. */
  receive(frame: ServerFrame): boolean;
  leave(): void;
}

type Options = Omit<CurrentContactOptions, "sellerId" | "adopted">;

export function createEarlierContacts(ports: Ports, options: Options): EarlierContacts {
  const { sessions, tabs, connection, outbox, isOpen, changed } = options;
  let all: readonly Conversation[] = [];
  const find = (contactId: string) => all.find((each) => each.contactId === contactId);

  function keep(contactIds: readonly string[]): void {
    for (const each of all) if (!contactIds.includes(each.contactId)) each.destroy();
    all = contactIds.map((contactId) => find(contactId) ?? read(contactId));
  }

  function read(contactId: string): Conversation {
    const conversation = createConversation(ports, {
      contactId,
      role: "visitor",
      ownName: `visitor-${contactId}`,
      link: connection,
      outbox,
      status: "closed",
      tabs,
      changed,
      moved: () => {},
      // It is gone for good, and the current one goes on without it.
      refused: () => keep(all.map((each) => each.contactId).filter((id) => id !== contactId)),
    });
    if (connection.isUp()) conversation.up(false);
    return conversation;
  }

  return {
    views: () => all.map((each) => each.view()),
    adopt: (currentId) => {
      const stored = isOpen() ? (sessions.load()?.earlier ?? []) : [];
      keep(stored.filter((contactId) => contactId !== currentId));
    },
    up: () => {
      for (const each of all) each.up(false);
    },
    down: () => {
      for (const each of all) each.down();
    },
    receive: (frame) => {
      const found = "contact_id" in frame ? find(String(frame.contact_id)) : undefined;
      found?.receive(frame);
      return found !== undefined;
    },
    leave: () => keep([]),
  };
}
