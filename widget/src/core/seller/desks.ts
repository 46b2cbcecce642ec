import type { ConversationView } from "../api";
import type { Connection } from "../connection/connection";
import { type Conversation, createConversation } from "../contact/conversation";
import { createOutbox, type Outbox } from "../contact/outbox";
import type { Ports } from "../ports";
import type { SellerTabMessage, TabMessage, Tabs } from "../tabs";

/** One contact of a seller's. */
export interface Desk {
  readonly conversation: Conversation;
  readonly outbox: Outbox;
  /** No longer this seller's, and here only for what could not be sent. */
  isLost: boolean;
}

export interface DesksOptions {
  readonly sellerId: string;
  /** What the keys of this seller's storage start with. */
  readonly scope: string;
  readonly connection: Connection;
  readonly tabs: Tabs<SellerTabMessage>;
  readonly changed: () => void;
  /** Something other than a message happened to a contact. */
  readonly moved: () => void;
  /** A contact cannot be read any more. */
  readonly lost: (contactId: string) => void;
  /** A contact is here no more. */
  readonly dropped: (conversation: Conversation) => void;
}

/** All contacts that a seller's side holds, each with its log and its outbox. */
export interface Desks {
  all(): readonly Desk[];
  views(): ReadonlyMap<string, ConversationView>;
  get(contactId: string): Desk | undefined;
  /** Makes it, where there is none. */
  ensure(contactId: string): Desk;
  /** Which one is on screen. */
  visible(): string | undefined;
  setVisible(contactId: string | undefined): void;
  /** Ask what was written in the one that is on screen, if its visitor waits: nobody is told. */
  lookOn(): void;
  /** What another tab tells. */
  hear(message: TabMessage): void;
  /** Make one for each contact for which a message is stored. */
  resume(): void;
  /** The connection is gone. */
  down(): void;
  clear(): void;
}

export function createDesks(ports: Ports, options: DesksOptions): Desks {
  const { sellerId, scope, connection, tabs, changed } = options;
  const desks = new Map<string, Desk>();
  let visible: string | undefined;

  function ensure(contactId: string): Desk {
    const known = desks.get(contactId);
    if (known) return known;
    const desk = create(contactId);
    desks.set(contactId, desk);
    desk.conversation.setVisible(contactId === visible);
    return desk;
  }

  function create(contactId: string): Desk {
    const outbox = createOutbox(ports, {
      scope: `${scope}${contactId}:`,
      link: connection,
      destination: () => (connection.isUp() ? conversation.destination() : undefined),
      isStored: (id) => conversation.holds(id),
      shallWait: () => false,
      changed: () => {
        conversation.refresh();
        if (desk.isLost) dropIfEmpty();
      },
      stored: () => tabs.tell({ about: "outbox", contactId }),
    });
    const conversation: Conversation = createConversation(ports, {
      contactId,
      role: "seller",
      ownName: sellerId,
      link: connection,
      outbox,
      status: "open",
      tabs,
      changed,
      moved: options.moved,
      refused: ({ code }) => {
        outbox.failAll(code);
        options.moved();
        options.lost(contactId);
        desk.isLost = true;
        dropIfEmpty();
      },
    });
    const desk: Desk = { conversation, outbox, isLost: false };
    const dropIfEmpty = () => {
      if (outbox.messages().length === 0) drop(contactId, desk);
    };
    return desk;
  }

  function drop(contactId: string, { conversation, outbox }: Desk): void {
    desks.delete(contactId);
    conversation.destroy();
    outbox.destroy();
    options.dropped(conversation);
    changed();
  }

  return {
    all: () => [...desks.values()],
    views: () => new Map([...desks].map(([id, { conversation }]) => [id, conversation.view()])),
    get: (contactId) => desks.get(contactId),
    ensure,
    visible: () => visible,
    setVisible: (contactId) => {
      if (visible !== undefined) desks.get(visible)?.conversation.setVisible(false);
      visible = contactId;
      if (contactId !== undefined) ensure(contactId).conversation.setVisible(true);
    },
    lookOn: () => {
      const conversation = desks.get(visible ?? "")?.conversation;
      if (conversation?.view().status === "queued" && ports.environment.isVisible()) conversation.sync();
    },
    hear: (message) => {
      if (message.about === "session") return;
      const known = desks.get(message.contactId)?.conversation;
      if (message.about === "outbox") ensure(message.contactId).outbox.reload(true);
      else if (message.about === "entry") known?.take(message.entry);
      else known?.takeMarks(message.marks);
    },
    resume: () => {
      for (const key of ports.store.keys(scope)) {
        const contactId = key.slice(scope.length).split(":outbox:")[0];
        if (contactId) ensure(contactId);
      }
    },
    down: () => {
      for (const { conversation, outbox } of desks.values()) {
        conversation.down();
        outbox.stop();
      }
    },
    clear: () => {
      for (const [contactId, desk] of [...desks]) drop(contactId, desk);
    },
  };
}
