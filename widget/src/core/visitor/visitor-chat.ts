import type { VisitorChat, VisitorChatOptions, VisitorSnapshot } from "../api";
import { createConnection } from "../connection/connection";
import { createRest } from "../connection/rest";
import type { Command } from "../contact/conversation";
import { createOutbox } from "../contact/outbox";
import { createObservable } from "../observable";
import type { Cancel, Ports } from "../ports";
import { createTabs, type TabMessage } from "../tabs";
import { createCurrentContact } from "./current-contact";
import { createEarlierContacts } from "./earlier-contacts";
import { createSessionStore } from "./session";
import { scopeOf } from "./stored";
import { createIdentification } from "./visitor-identity";

/** A visitor's chat with one seller. Stores nothing and opens no socket before `open`. */
export function createVisitorChat(options: VisitorChatOptions, ports: Ports): VisitorChat {
  const { sellerId, restUrl, widgetId } = options;
  const scope = scopeOf(sellerId);
  const sessions = createSessionStore(ports, scope);
  const tabs = createTabs(ports.broadcast, scope);

  let isOpen = false;
  let stopListening: Cancel[] = [];

  const observable = createObservable<VisitorSnapshot>(() => {
    const conversation = contact.conversation()?.view();
    return {
      connection: connection.state(),
      transport: connection.transport(),
      phase: contact.phase(),
      conversation,
      earlier: earlier.views(),
      queue: contact.queue(),
      outgoing: conversation ? [] : outbox.messages(),
      problem: contact.problem(),
    };
  });
  const { changed } = observable;

  const identification = createIdentification(options, sessions, {
    isWanted: () => isOpen,
    forget: () => contact.forget(),
    replaced: () => {
      contact.stored();
      reconnect();
    },
  });

  const connection = createConnection(
    ports,
    {
      target: options.transport === "rest" ? undefined : identification.target,
      rest: restUrl
        ? createRest(ports.http, ports.clock.now, {
            url: restUrl,
            sellerId,
            widgetId,
            bearer: identification.proof,
            userInfo: () => contact.userInfo(),
          })
        : undefined,
    },
    {
      up: () => {
        contact.up();
        earlier.up();
        outbox.pump();
      },
      down: () => {
        contact.down();
        earlier.down();
        outbox.stop();
      },
      poll: () => contact.poll(),
      frame: (frame) => {
        if (!earlier.receive(frame)) contact.receive(frame);
      },
      changed,
    },
  );

  const outbox = createOutbox(ports, {
    scope,
    link: connection,
    destination: () => contact.destination(),
    isStored: (id) => contact.conversation()?.holds(id) ?? false,
    shallWait: (code) => contact.isReplacedFor(code),
    changed: () => {
      contact.conversation()?.refresh();
      changed();
    },
    stored: () => tabs.tell({ about: "outbox", contactId: "" }),
  });

  const shared = { sessions, tabs, connection, outbox, isOpen: () => isOpen, changed };
  const earlier = createEarlierContacts(ports, shared);
  const contact = createCurrentContact(ports, { ...shared, sellerId, adopted: earlier.adopt });

  function fromOtherTab(message: TabMessage): void {
    const conversation = contact.conversation();
    if (message.about === "session") sessionChanged();
    else if (message.about === "outbox") outbox.reload(true);
    else if (message.contactId !== conversation?.contactId) return;
    else if (message.about === "entry") conversation.take(message.entry);
    else conversation.takeMarks(message.marks);
  }

  function sessionChanged(): void {
    // Another tab knows the next customer: this one is quiet until somebody opens it again.
    if (identification.isOutdated()) destroy();
    // Also what this tab has just put back: another one was told to forget.
    if (!sessions.device() && !sessions.load()) outbox.clear();
    outbox.reload(true);
    if (!isOpen) return;
    if (sessions.device() === undefined) reconnect();
    contact.adopt();
  }

  /** The device was given a new name, and nothing is heard under the old one. */
  function reconnect(): void {
    connection.close();
    connection.open();
  }

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    stopListening = [
      tabs.listen(fromOtherTab),
      ports.environment.listen((event) => {
        if (event === "offline") return;
        outbox.reload();
        contact.wake();
      }),
    ];
    contact.adopt();
    connection.open();
  }

  function destroy(): void {
    isOpen = false;
    for (const stop of stopListening.splice(0)) stop();
    connection.close();
    contact.leave();
    earlier.leave();
    outbox.destroy();
    changed();
  }

  function command(wanted: Command): Promise<void> {
    const none = { code: "contact_closed", reason: "There is no chat." };
    return contact.conversation()?.command(wanted) ?? Promise.reject(none);
  }

  return {
    getSnapshot: observable.getSnapshot,
    subscribe: observable.subscribe,
    hasSession: () => sessions.load() !== undefined,
    open,
    start: (userInfo) => {
      open();
      contact.start(userInfo);
    },
    send: (text) => {
      open();
      contact.conversation()?.sent();
      return outbox.add(text);
    },
    retry: outbox.retry,
    discard: outbox.discard,
    typing: () => contact.conversation()?.typing(),
    draft: sessions.draft,
    keepDraft: sessions.keepDraft,
    setVisible: contact.setVisible,
    identify: (userInfo) => command({ action: "identify", userInfo }),
    close: () => command({ action: "closeChat" }),
    reset: () => {
      contact.forget();
      contact.stored();
      destroy();
    },
    destroy,
  };
}
