import type { ChatProblem, VisitorChat, VisitorChatOptions, VisitorPhase, VisitorSnapshot } from "../api";
import { createConnection } from "../connection/connection";
import { createQuestion } from "../connection/question";
import { createRest } from "../connection/rest";
import type { Target } from "../connection/socket-life";
import { type Conversation, createConversation } from "../contact/conversation";
import { createOutbox } from "../contact/outbox";
import { createObservable } from "../observable";
import type { Cancel, Ports } from "../ports";
import type { ChatStarted, ErrorCode, ErrorFrame, QueuePlace, ServerFrame, UserInfo } from "../protocol";
import { createTabs, type TabMessage } from "../tabs";
import { createSessionStore } from "./session";

/** A visitor's chat with one seller. Stores nothing and opens no socket before `open`. */
export function createVisitorChat(options: VisitorChatOptions, ports: Ports): VisitorChat {
  const { clock, random, environment } = ports;
  const { sellerId, restUrl } = options;
  const scope = `seller-chat:${sellerId}:`;
  const sessions = createSessionStore(ports, scope);
  const tabs = createTabs(ports.broadcast, scope);

  let isOpen = false;
  let isVisible = false;
  let session = sessions.load();
  let conversation: Conversation | undefined;
  let problem: ChatProblem | undefined;
  let queue: QueuePlace | undefined;
  /** The contact that ended while there was still something to say. */
  let ended: string | undefined;
  /** The contact that InitChat gave last; were it refused too, starting anew would never end. */
  let given: string | undefined;
  /** The device's name, as this tab knows it. */
  let name = "";
  let stopListening: Cancel[] = [];

  const observable = createObservable<VisitorSnapshot>(() => ({
    connection: connection.state(),
    transport: connection.transport(),
    phase: phase(),
    conversation: conversation?.view(),
    queue: conversation?.view().status === "queued" ? queue : undefined,
    outgoing: conversation ? [] : outbox.messages(),
    problem,
  }));
  const { changed } = observable;

  const connection = createConnection(
    ports,
    {
      target: options.transport === "rest" ? undefined : target,
      rest: restUrl
        ? createRest(ports.http, clock.now, {
            url: restUrl,
            sellerId,
            widgetId: options.widgetId,
            bearer: identify,
            userInfo: () => session?.userInfo,
          })
        : undefined,
    },
    { up, down, poll, frame: receive, changed },
  );

  const outbox = createOutbox(ports, {
    scope,
    link: connection,
    destination: () => {
      const isCurrent = conversation && conversation.contactId === session?.contact?.contact_id;
      return isCurrent && conversation?.isLoaded() && connection.isUp()
        ? { contactId: conversation.contactId, cursor: conversation.cursor() }
        : undefined;
    },
    isStored: (id) => conversation?.holds(id) ?? false,
    shallWait: (code) => hasEnded(code) && startAnew(),
    changed: () => {
      conversation?.refresh();
      changed();
    },
    stored: () => tabs.tell({ about: "outbox", contactId: "" }),
  });

  const start = createQuestion(ports, connection, () =>
    phase() === "starting" && session ? { action: "InitChat", sellerId, userInfo: session.userInfo } : undefined,
  );

  async function target(): Promise<Target> {
    const proof = await identify();
    return {
      url: `${options.socketUrl}?userId=${encodeURIComponent(name)}`,
      protocols: options.identity ? ["seller-chat", proof] : [],
    };
  }

  /** Proves who this is: by a token of whoever vouches for him, under whose name all is from now on, or by the device's name. */
  async function identify(): Promise<string> {
    const identity = await options.identity?.();
    const before = sessions.device();
    const isAnother = identity && before && before !== identity.deviceId;
    if (!isOpen) return Promise.reject();
    if (isAnother) forgetStored();
    name = sessions.deviceId(identity?.deviceId);
    if (!isAnother) return identity?.token ?? name;
    sessionStored();
    reconnect();
    // What was to be asked was for the one before to ask.
    return Promise.reject();
  }

  function phase(): VisitorPhase {
    if (!isOpen) return "idle";
    if (session?.contact) return "chatting";
    return session ? "starting" : "details";
  }

  function up(): void {
    start.ask();
    conversation?.up(true);
    outbox.pump();
  }

  function down(): void {
    start.stop();
    conversation?.down();
    outbox.stop();
  }

  function poll(): void {
    if (!start.isOpen()) start.ask();
    conversation?.sync();
  }

  function receive(frame: ServerFrame): void {
    if (frame.action === "InitChat") started(frame);
    else if (frame.action === "error" && frame.of === "InitChat") startRefused(frame);
    else if ("contact_id" in frame && frame.contact_id === conversation?.contactId) {
      if (frame.action === "queue") queued(frame);
      else conversation.receive(frame);
    }
  }

  function queued(place: QueuePlace): void {
    queue = { ...queue, ...place };
    changed();
  }

  function started(frame: ChatStarted): void {
    if (phase() !== "starting") return;
    start.answered();
    problem = undefined;
    queue = frame.queue;
    given = frame.contact_id;
    sessions.started(frame);
    sessionStored();
    // The same contact once more would be refused once more.
    if (frame.contact_id === ended) outbox.failAll("contact_closed");
    ended = undefined;
  }

  function startRefused(error: ErrorFrame): void {
    if (phase() !== "starting" || start.refused(error)) return;
    outbox.failAll(error.code);
    loseContact(error);
  }

  /** Take over what is stored, by this tab or another. */
  function adopt(): void {
    session = sessions.load();
    const contact = session?.contact;
    if (!session) leave();
    if (contact && contact.contact_id !== conversation?.contactId) {
      leave();
      conversation = converse(contact.contact_id, contact.status);
      conversation.setVisible(isVisible);
      if (connection.isUp()) conversation.up(true);
    }
    start.ask();
    changed();
  }

  function converse(contactId: string, status: ChatStarted["status"]): Conversation {
    return createConversation(ports, {
      contactId,
      role: "visitor",
      ownName: `visitor-${contactId}`,
      link: connection,
      outbox,
      status,
      changed,
      arrived: (entry) => tabs.tell({ about: "entry", contactId, entry }),
      marked: (marks) => tabs.tell({ about: "marks", contactId, marks }),
      moved: () => {},
      refused: (refusal) => {
        const hasMoreToSay = outbox.messages().some(({ state }) => state === "sending");
        if (hasMoreToSay && contactId !== given) startAnew();
        else loseContact(refusal);
      },
    });
  }

  function startAnew(): true {
    ended = conversation?.contactId;
    begin(session?.userInfo ?? {});
    return true;
  }

  function begin(userInfo: UserInfo): void {
    problem = undefined;
    sessions.begin(userInfo);
    sessionStored();
  }

  function loseContact({ code, reason }: ChatProblem | ErrorFrame): void {
    // What has expired is over, and nothing went wrong.
    problem = code === "contact_expired" ? undefined : { code, reason };
    sessions.end();
    sessionStored();
  }

  function forgetStored(): void {
    outbox.clear();
    sessions.forget();
  }

  function sessionStored(): void {
    tabs.tell({ about: "session" });
    adopt();
  }

  function leave(): void {
    conversation?.destroy();
    conversation = undefined;
  }

  function fromOtherTab(message: TabMessage): void {
    if (message.about === "session") sessionChanged();
    else if (message.about === "outbox") outbox.reload(true);
    else if (message.contactId !== conversation?.contactId) return;
    else if (message.about === "entry") conversation.take(message.entry);
    else conversation.takeMarks(message.marks);
  }

  function sessionChanged(): void {
    // Another tab knows the next customer: this one is quiet until somebody opens it again.
    if (options.identity && name && sessions.device() !== name) destroy();
    // Also what this tab has just put back: another one was told to forget.
    if (!sessions.device() && !sessions.load()) outbox.clear();
    outbox.reload(true);
    if (!isOpen) return;
    if (sessions.device() === undefined) reconnect();
    adopt();
  }

  /** The device was given a new name: whoever listens under the old one hears nothing. */
  function reconnect(): void {
    connection.close();
    connection.open();
  }

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    stopListening = [
      tabs.listen(fromOtherTab),
      environment.listen((event) => {
        if (event === "offline") return;
        outbox.reload();
        conversation?.setVisible(isVisible);
        conversation?.sync();
      }),
    ];
    adopt();
    connection.open();
  }

  function destroy(): void {
    isOpen = false;
    for (const stop of stopListening.splice(0)) stop();
    connection.close();
    leave();
    outbox.destroy();
    changed();
  }

  return {
    getSnapshot: observable.getSnapshot,
    subscribe: observable.subscribe,
    hasSession: () => sessions.load() !== undefined,
    open,
    start: (userInfo) => {
      open();
      const isUnderWay = session && conversation?.view().status !== "closed";
      if (!isUnderWay) begin(userInfo);
    },
    send: (text) => {
      open();
      conversation?.sent();
      return outbox.add(text);
    },
    retry: outbox.retry,
    discard: outbox.discard,
    typing: () => conversation?.typing(),
    draft: sessions.draft,
    keepDraft: sessions.keepDraft,
    setVisible: (visible) => {
      isVisible = visible;
      conversation?.setVisible(visible);
      if (visible) conversation?.sync();
    },
    close: () => {
      if (!conversation) return Promise.reject({ code: "contact_closed", reason: "There is no chat to close." });
      const { contactId, cursor, run } = conversation;
      return outbox.afterwards(() =>
        run({ action: "closeChat", contact_id: contactId, id: random.uuid(), base: cursor() }),
      );
    },
    reset: () => {
      forgetStored();
      sessionStored();
      destroy();
      session = undefined;
      problem = undefined;
    },
    destroy,
  };
}

function hasEnded(code: ChatProblem["code"] | ErrorCode): boolean {
  return code === "contact_closed" || code === "contact_expired";
}
