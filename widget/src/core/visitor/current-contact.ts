import type { ChatProblem, VisitorPhase, Waiting } from "../api";
import type { Connection } from "../connection/connection";
import { createQuestion } from "../connection/question";
import { type Conversation, createConversation } from "../contact/conversation";
import type { Destination, Outbox } from "../contact/outbox";
import type { Ports } from "../ports";
import type { ChatStarted, ContactStatus, ErrorCode, ErrorFrame, ServerFrame, UserInfo } from "../protocol";
import type { TabMessage, Tabs } from "../tabs";
import type { SessionStore } from "./session";

export interface CurrentContactOptions {
  readonly sellerId: string;
  readonly sessions: SessionStore;
  readonly tabs: Tabs<TabMessage>;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly isOpen: () => boolean;
  readonly changed: () => void;
  /** The current one may be another than before. */
  readonly adopted: (contactId: string | undefined) => void;
}

/** The contact that a visitor has with the seller just now: none yet, one that is being started, or one to converse in. */
export interface CurrentContact {
  phase(): VisitorPhase;
  conversation(): Conversation | undefined;
  destination(): Destination | undefined;
  userInfo(): UserInfo | undefined;
  queue(): Waiting | undefined;
  /** What stopped it from starting or going on. */
  problem(): ChatProblem | undefined;
  /** Start one, unless one is under way. */
  start(userInfo: UserInfo): void;
  /** Whether a message that was refused so waits for another contact, which is started for it. */
  isReplacedFor(code: ErrorCode): boolean;
  /** Take over what is stored, by this tab or another. */
  adopt(): void;
  setVisible(visible: boolean): void;
  /** The person is back. */
  wake(): void;
  up(): void;
  down(): void;
  /** Nothing is pushed: ask. */
  poll(): void;
  receive(frame: ServerFrame): void;
  /** Forget what is stored; `stored` tells of it. */
  forget(): void;
  stored(): void;
  leave(): void;
}

export function createCurrentContact(ports: Ports, options: CurrentContactOptions): CurrentContact {
  const { sellerId, sessions, tabs, connection, outbox, isOpen, changed } = options;
  let session = sessions.load();
  let conversation: Conversation | undefined;
  let isVisible = false;
  let problem: ChatProblem | undefined;
  let queue: Waiting | undefined;
  /**
   * `ended` did so while there was still something to say, and is to be replaced; `given` is what InitChat gave last, and were
   * that refused and replaced too, starting anew would never end.
   */
  let replacing: { readonly ended?: string | undefined; readonly given?: string } = {};

  const question = createQuestion(ports, connection, () =>
    phase() === "starting" && session ? { action: "InitChat", sellerId, userInfo: session.userInfo } : undefined,
  );

  function phase(): VisitorPhase {
    if (!isOpen()) return "idle";
    if (session?.contact) return "chatting";
    return session ? "starting" : "details";
  }

  function started(frame: ChatStarted): void {
    if (phase() !== "starting") return;
    const { ended } = replacing;
    question.answered();
    problem = undefined;
    queue = frame.queue;
    replacing = { given: frame.contact_id };
    sessions.started(frame);
    stored();
    // The same contact once more would be refused once more.
    if (frame.contact_id === ended) outbox.failAll("contact_closed");
  }

  function startRefused(error: ErrorFrame): void {
    if (phase() !== "starting" || question.refused(error)) return;
    outbox.failAll(error.code);
    lose(error);
  }

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
    options.adopted(conversation?.contactId);
    question.ask();
    changed();
  }

  function converse(contactId: string, status: ContactStatus): Conversation {
    return createConversation(ports, {
      contactId,
      role: "visitor",
      ownName: `visitor-${contactId}`,
      link: connection,
      outbox,
      status,
      tabs,
      changed,
      moved: () => {},
      refused: (refusal) => {
        const hasMoreToSay = outbox.messages().some(({ state }) => state === "sending");
        if (hasMoreToSay && contactId !== replacing.given) replace();
        else lose(refusal);
      },
    });
  }

  function replace(): void {
    replacing = { ...replacing, ended: conversation?.contactId };
    begin(session?.userInfo ?? {});
  }

  function begin(userInfo: UserInfo): void {
    problem = undefined;
    sessions.begin(userInfo);
    stored();
  }

  function lose({ code, reason }: ChatProblem | ErrorFrame): void {
    // What has expired is over, and nothing went wrong.
    problem = code === "contact_expired" ? undefined : { code, reason };
    sessions.end();
    stored();
  }

  function stored(): void {
    tabs.tell({ about: "session" });
    adopt();
  }

  function leave(): void {
    conversation?.destroy();
    conversation = undefined;
  }

  return {
    phase,
    conversation: () => conversation,
    destination: () => {
      const isCurrent = conversation?.contactId === session?.contact?.contact_id;
      return isCurrent && connection.isUp() ? conversation?.destination() : undefined;
    },
    userInfo: () => session?.userInfo,
    queue: () => (conversation?.view().status === "queued" ? queue : undefined),
    problem: () => problem,
    start: (userInfo) => {
      const isUnderWay = session && conversation?.view().status !== "closed";
      if (!isUnderWay) begin(userInfo);
    },
    isReplacedFor: (code) => {
      const hasEnded = code === "contact_closed" || code === "contact_expired";
      if (hasEnded) replace();
      return hasEnded;
    },
    adopt,
    setVisible: (visible) => {
      isVisible = visible;
      conversation?.setVisible(visible);
      if (visible) conversation?.sync();
    },
    wake: () => {
      conversation?.setVisible(isVisible);
      conversation?.sync();
    },
    up: () => {
      question.ask();
      conversation?.up(true);
    },
    down: () => {
      question.stop();
      conversation?.down();
    },
    poll: () => {
      if (!question.isOpen()) question.ask();
      conversation?.sync();
    },
    receive: (frame) => {
      if (frame.action === "InitChat") started(frame);
      else if (frame.action === "error" && frame.of === "InitChat") startRefused(frame);
      else if ("contact_id" in frame && frame.contact_id === conversation?.contactId) {
        if (frame.action === "queue") {
          queue = { ...queue, ...frame };
          changed();
        } else conversation.receive(frame);
      }
    },
    forget: () => {
      outbox.clear();
      sessions.forget();
      problem = undefined;
    },
    stored,
    leave,
  };
}
