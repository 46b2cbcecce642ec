import type { ChatProblem, ConversationView, SellerDesk, SellerDeskOptions, SellerSnapshot } from "../api";
import { createConnection } from "../connection/connection";
import type { Target } from "../connection/socket-life";
import { type Conversation, createConversation, SECOND_CHANCE_MS } from "../contact/conversation";
import { createOutbox, type Outbox } from "../contact/outbox";
import { createObservable } from "../observable";
import type { Cancel, Ports } from "../ports";
import type { ContactStatus, ErrorFrame, InboxListed, PresenceSet, ServerFrame } from "../protocol";
import { createTabs, type SellerTabMessage } from "../tabs";
import { createInbox } from "./inbox";
import { createPresence } from "./presence";
import { createSignOut } from "./sign-out";

/** Several entries make one move (opened, assigned): one look at the inbox does for all of them. */
const INBOX_DELAY_MS = 500;
/** A push can get lost at any time, and where nothing follows it, nothing else would tell of what it said. */
const LOOK_EVERY_MS = 60_000;
/** After a connect many contacts are read; not all in the same instant. */
const CATCH_UP_EVERY_MS = 50;

interface Desk {
  readonly conversation: Conversation;
  readonly outbox: Outbox;
  /** No longer this seller's, and here only for what he could not send. */
  isLost: boolean;
}

/** A seller's side of all his contacts, over one connection. */
export function createSellerDesk(options: SellerDeskOptions, ports: Ports): SellerDesk {
  const { clock, random, environment } = ports;
  const { sellerId } = options;
  const scope = `seller-desk:${sellerId}:`;
  const tabs = createTabs<SellerTabMessage>(ports.broadcast, scope);
  const desks = new Map<string, Desk>();

  let isOpen = false;
  let isAnnounced = false;
  let visible: string | undefined;
  let problem: ChatProblem | undefined;
  let behind: Conversation[] = [];
  let cancelCatchUp: Cancel | undefined;
  let cancelInbox: Cancel | undefined;
  let cancelLook: Cancel | undefined;
  let looks = 0;
  let stopListening: Cancel[] = [];

  const observable = createObservable<SellerSnapshot>(() => ({
    connection: connection.state(),
    presence: presence.status(),
    inbox: inbox.lists(),
    hasOlderClosed: inbox.hasOlderClosed(),
    conversations: new Map<string, ConversationView>([...desks].map(([id, desk]) => [id, desk.conversation.view()])),
    problem,
  }));
  const { changed } = observable;

  const connection = createConnection(
    ports,
    { target, rest: undefined },
    { up, down, poll: () => {}, frame: receive, changed },
  );

  const presence = createPresence(ports, connection);
  const signOut = createSignOut(ports, connection, presence, signedOut);
  const inbox = createInbox(ports, connection, () => !isAnnounced);

  async function target(reason: Parameters<SellerDeskOptions["credentials"]>[0]): Promise<Target | undefined> {
    const credentials = await options.credentials(reason);
    if (!credentials) {
      problem = { code: "session_expired", reason: "Sign in again." };
      return undefined;
    }
    const { token, ticket } = credentials;
    const query = `userId=${encodeURIComponent(sellerId)}${ticket ? `&ticket=${encodeURIComponent(ticket)}` : ""}`;
    return { url: `${options.socketUrl}?${query}`, protocols: token ? ["seller-chat", token] : [] };
  }

  function up(): void {
    problem = undefined;
    isAnnounced = false;
    presence.up();
    refreshInbox();
    lookLater(SECOND_CHANCE_MS, lookAtInbox);
    for (const { conversation, outbox } of desks.values()) {
      const { status, outgoing } = conversation.view();
      if (status === "open" || outgoing.length > 0 || conversation.contactId === visible) catchUp(conversation);
      outbox.pump();
    }
  }

  function down(): void {
    cancelInbox?.();
    cancelLook?.();
    cancelCatchUp?.();
    cancelInbox = cancelCatchUp = undefined;
    behind = [];
    presence.down();
    signOut.down();
    inbox.stop();
    for (const { conversation, outbox } of desks.values()) {
      conversation.down();
      outbox.stop();
    }
  }

  function catchUp(conversation: Conversation): void {
    if (behind.includes(conversation)) return;
    behind.push(conversation);
    if (!cancelCatchUp) catchUpNext();
  }

  function catchUpNext(): void {
    cancelCatchUp = undefined;
    const next = behind.shift();
    if (!next || !connection.isUp()) return;
    cancelCatchUp = clock.after(CATCH_UP_EVERY_MS, catchUpNext);
    next.up(false);
  }

  function refreshInbox(): void {
    cancelInbox?.();
    cancelInbox = undefined;
    inbox.refresh("open");
    inbox.refresh("queued");
  }

  function lookLater(afterMs: number, look: () => void): void {
    cancelLook?.();
    cancelLook = clock.after(afterMs, look);
  }

  function lookAtInbox(): void {
    lookLater(LOOK_EVERY_MS, lookAround);
    refreshInbox();
  }

  /** Contacts take turns, so that many cost no more than one. */
  function lookAround(): void {
    lookAtInbox();
    const open = [...desks.values()].filter(
      ({ conversation, isLost }) => conversation.view().status === "open" && !isLost,
    );
    open[looks++ % open.length]?.conversation.sync();
  }

  function refreshInboxSoon(): void {
    cancelInbox ??= clock.after(INBOX_DELAY_MS, refreshInbox);
  }

  function receive(frame: ServerFrame): void {
    if (frame.action === "inbox") listed(frame);
    else if (frame.action === "presence") told(frame);
    else if ("contact_id" in frame && frame.contact_id !== undefined) about(frame.contact_id, frame);
    else if (frame.action === "error") refused(frame);
    changed();
  }

  function told(answer: PresenceSet): void {
    presence.answered(answer);
    if (signOut.isUnderWay() && answer.status === "offline") signOut.presenceSettled();
  }

  function signedOut(): void {
    problem = undefined;
    connection.signOut();
    changed();
  }

  function about(contactId: string, frame: ServerFrame): void {
    const isNews = frame.action === "sendMessage" || frame.action === "entry";
    if (isNews && !desks.has(contactId)) refreshInboxSoon();
    const desk = isNews ? ensure(contactId) : desks.get(contactId);
    if (desk && frame.action !== "error") desk.isLost = false;
    desk?.conversation.receive(frame);
  }

  function listed(frame: InboxListed): void {
    if (frame.status === "open") isAnnounced = true;
    inbox.answered(frame);
    if (!frame.next) askAfterUnlisted(frame.status);
    if (frame.status !== "open") return;
    for (const { contact_id } of frame.contacts) {
      const known = desks.get(contact_id);
      const isCaughtUp = known?.conversation.view().status === "open" && !known.isLost;
      if (!isCaughtUp) catchUp(ensure(contact_id).conversation);
    }
  }

  /** Whoever was given a contact is told what happens there, and nobody else: a list tells that it is no longer one's own. */
  function askAfterUnlisted(status: ContactStatus): void {
    if (status === "closed") return;
    const listedIds = new Set(inbox.lists()[status].map(({ contact_id }) => contact_id));
    for (const [contactId, { conversation, isLost }] of desks) {
      const isExpected = conversation.view().status === status && conversation.isLoaded() && !isLost;
      if (isExpected && !listedIds.has(contactId)) conversation.sync();
    }
  }

  function refused(error: ErrorFrame): void {
    if (error.of === "presence") presenceRefused(error);
    else if (error.of === "signOut") signOut.refused(error);
    else if (error.of !== "inbox" || !inbox.refused(error)) fail(error);
  }

  function presenceRefused(error: ErrorFrame): void {
    if (presence.refused(error)) return;
    if (signOut.isUnderWay()) signOut.presenceSettled();
    else fail(error);
  }

  function fail({ code, reason }: ErrorFrame): void {
    problem = { code, reason };
  }

  function ensure(contactId: string): Desk {
    const known = desks.get(contactId);
    if (known) return known;
    const desk = createDesk(contactId);
    desks.set(contactId, desk);
    desk.conversation.setVisible(contactId === visible);
    return desk;
  }

  function createDesk(contactId: string): Desk {
    const outbox = createOutbox(ports, {
      scope: `${scope}${contactId}:`,
      link: connection,
      destination: () =>
        conversation.isLoaded() && connection.isUp() ? { contactId, cursor: conversation.cursor() } : undefined,
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
      changed,
      arrived: (entry) => tabs.tell({ about: "entry", contactId, entry }),
      marked: (marks) => tabs.tell({ about: "marks", contactId, marks }),
      moved: refreshInboxSoon,
      refused: ({ code }) => {
        outbox.failAll(code);
        refreshInboxSoon();
        desk.isLost = true;
        dropIfEmpty();
      },
    });
    const desk: Desk = { conversation, outbox, isLost: false };
    const dropIfEmpty = () => {
      if (outbox.messages().length === 0) drop(contactId);
    };
    return desk;
  }

  /** The contact is no longer this seller's. */
  function drop(contactId: string): void {
    const desk = desks.get(contactId);
    desks.delete(contactId);
    desk?.conversation.destroy();
    desk?.outbox.destroy();
    behind = behind.filter((conversation) => conversation !== desk?.conversation);
    changed();
  }

  function fromOtherTab(message: SellerTabMessage): void {
    if (message.about === "session") return;
    if (message.about === "presence") {
      presence.say(message.status);
      return;
    }
    if (message.about === "signOut") {
      signedOut();
      return;
    }
    const desk = desks.get(message.contactId);
    if (message.about === "outbox") (desk ?? ensure(message.contactId)).outbox.reload(true);
    else if (message.about === "entry") desk?.conversation.take(message.entry);
    else desk?.conversation.takeMarks(message.marks);
  }

  function resumeOutboxes(): void {
    for (const key of ports.store.keys(scope)) {
      const contactId = key.slice(scope.length).split(":outbox:")[0];
      if (contactId) ensure(contactId);
    }
  }

  function open(): void {
    if (isOpen) {
      connection.open();
      return;
    }
    isOpen = true;
    stopListening = [
      tabs.listen(fromOtherTab),
      environment.listen((event) => {
        if (event === "offline") return;
        presence.wake();
        refreshInbox();
        const desk = visible === undefined ? undefined : desks.get(visible);
        desk?.conversation.setVisible(true);
        for (const { conversation } of desks.values()) if (conversation.view().status === "open") catchUp(conversation);
      }),
    ];
    resumeOutboxes();
    connection.open();
  }

  return {
    getSnapshot: observable.getSnapshot,
    subscribe: observable.subscribe,
    open,
    setPresence: (status) => {
      tabs.tell({ about: "presence", status });
      presence.say(status);
    },
    signOut: () => {
      tabs.tell({ about: "signOut" });
      signOut.begin();
    },
    refreshInbox: inbox.refresh,
    listOlderClosed: inbox.listOlderClosed,
    read: (contactId) => {
      const { conversation } = ensure(contactId);
      if (connection.isUp()) conversation.sync();
    },
    send: (contactId, text) => {
      const { conversation, outbox } = ensure(contactId);
      if (!conversation.isLoaded()) conversation.sync();
      conversation.sent();
      return outbox.add(text);
    },
    retry: (contactId, id) => desks.get(contactId)?.outbox.retry(id),
    discard: (contactId, id) => desks.get(contactId)?.outbox.discard(id),
    typing: (contactId) => desks.get(contactId)?.conversation.typing(),
    setVisible: (contactId) => {
      if (visible !== undefined) desks.get(visible)?.conversation.setVisible(false);
      visible = contactId;
      if (contactId !== undefined) ensure(contactId).conversation.setVisible(true);
    },
    transfer: (contactId, to) => {
      const { conversation, outbox } = ensure(contactId);
      const { run, cursor } = conversation;
      return outbox.afterwards(() =>
        run({ action: "transferChat", contact_id: contactId, to, id: random.uuid(), base: cursor() }),
      );
    },
    close: (contactId) => {
      const { conversation, outbox } = ensure(contactId);
      const { run, cursor } = conversation;
      return outbox.afterwards(() =>
        run({ action: "closeChat", contact_id: contactId, id: random.uuid(), base: cursor() }),
      );
    },
    destroy: () => {
      isOpen = false;
      signOut.stop();
      for (const stop of stopListening.splice(0)) stop();
      connection.close();
      for (const contactId of [...desks.keys()]) drop(contactId);
    },
  };
}
