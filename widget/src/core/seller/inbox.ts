import type { Link } from "../connection/link";
import { createQuestion, type Question } from "../connection/question";
import type { Ports } from "../ports";
import type {
  ContactLine,
  ContactStatus,
  ErrorFrame,
  InboxContact,
  InboxFrame,
  InboxListed,
  QueueChanged,
} from "../protocol";
import { type Asking, createAsking, createTold } from "./asking";

/** How far lists may be behind what the server pushes and answers beside them. */
const INDEX_LAGS_MS = 5_000;

interface Wanted {
  readonly lines?: boolean;
  readonly tails?: boolean;
}

/** What is asked for in the same frame as the open contacts. */
type Beside = Pick<InboxFrame, "queued" | "beat">;

/** The lists of a seller's contacts: open and queued ones to their end, of the closed ones as many pages as were asked for. */
export interface Inbox {
  lists(): Readonly<Record<ContactStatus, readonly InboxContact[]>>;
  hasOlderClosed(): boolean;
  /** There is a new connection: the next question announces it, and asks what was said last in each contact. */
  up(): void;
  /** With lines it is also told what was said last in each contact, with tails how far its log goes: a read for each. */
  refresh(status: ContactStatus, wanted?: Wanted): void;
  /** Ask for those that are open and those that wait, if possible in one frame, which may be a sign of life, too. */
  look(tails: boolean, isBeat: boolean): void;
  listOlderClosed(): void;
  /** Since when what a list tells may be so: what was told of one of its contacts after that is newer. */
  since(list: InboxListed): number;
  /** True if the tails had been asked for. */
  answered(frame: InboxListed): boolean;
  /** Somebody began or ceased to wait; false if something newer was told before. */
  moved(frame: QueueChanged): boolean;
  /** A contact is the seller's no more, whatever a list tells that was asked for before. */
  left(contactId: string): void;
  /** Something is told of a contact: it is the seller's. */
  came(contactId: string): void;
  /** True if it will be asked for again. */
  refused(error: ErrorFrame): boolean;
  stop(): void;
}

interface List {
  readonly question: Question;
  readonly asking: Asking;
  contacts: readonly InboxContact[];
  /** What has come of a list that has not come to its end. */
  coming: readonly InboxContact[];
  /** Since when what is coming may be so. */
  since: number;
  /** Where the next page begins; undefined for the first one. */
  after: string | undefined;
  wantsLines: boolean;
  /** How far each log goes is wanted, until it was told to the end of the list. */
  wantsTails: boolean;
}

export function createInbox(ports: Ports, link: Link): Inbox {
  let isAnnounced = false;
  let beside: Beside = {};
  /** How far each contact's log had come when something was told of it last. */
  const told = new Map<string, number>();
  const lines = new Map<string, ContactLine>();
  const queueMoved = createTold(ports.clock);
  const hasLeft = createTold(ports.clock);
  const list = (status: ContactStatus): List => {
    const question = createQuestion(ports, link, () => {
      const isFirst = status === "open" && !own.after;
      asked(own, isFirst);
      return {
        action: "inbox",
        status,
        ...(own.after && { after: own.after }),
        ...(status === "open" && !isAnnounced && { announce: true }),
        ...(own.wantsLines && { lines: true }),
        ...(own.wantsTails && { tails: true }),
        ...(isFirst && beside),
      };
    });
    const own: List = {
      question,
      asking: createAsking(ports.clock),
      contacts: [],
      coming: [],
      since: 0,
      after: undefined,
      wantsLines: true,
      wantsTails: false,
    };
    return own;
  };
  const all: Readonly<Record<ContactStatus, List>> = {
    open: list("open"),
    queued: list("queued"),
    closed: list("closed"),
  };

  function asked({ asking }: List, isFirst: boolean): void {
    asking.asks();
    if (isFirst && beside.queued) all.queued.asking.asks();
  }

  /** A list as it is, where something was told of its contacts since it was asked for. */
  function asTold(status: ContactStatus, { coming: listed, since: asked }: List): readonly InboxContact[] {
    const since = asked - INDEX_LAGS_MS;
    if (status === "open") return listed.filter(({ contact_id: id }) => !hasLeft.isAfter(id, since));
    if (status === "closed") return listed;
    const isNewer = ({ contact_id: id }: InboxContact) => queueMoved.isAfter(id, since);
    return [...listed.filter((each) => !isNewer(each)), ...all.queued.contacts.filter(isNewer)];
  }

  function refresh(status: ContactStatus, { lines: withLines = false, tails = false }: Wanted = {}): void {
    const own = all[status];
    own.after = undefined;
    own.wantsLines ||= withLines;
    own.wantsTails ||= tails;
    own.question.ask();
  }

  /** A list that was asked for none goes on with the lines that were told before. */
  function withLine(contact: InboxContact): InboxContact {
    if (contact.line) lines.set(contact.contact_id, contact.line);
    const line = contact.line ?? lines.get(contact.contact_id);
    return line ? { ...contact, line } : contact;
  }

  function openAnswered(hasQueued: boolean): void {
    isAnnounced = true;
    if (all.open.after) return;
    // A server of before one could ask so knows nothing of it.
    if (beside.queued && !hasQueued) refresh("queued");
    beside = {};
  }

  return {
    up: () => {
      isAnnounced = false;
      for (const own of Object.values(all)) own.wantsLines = true;
    },
    refresh,
    look: (tails, isBeat) => {
      // Both with what was said in each contact might not fit into one.
      const isOne = !all.open.wantsLines && !all.queued.wantsLines;
      beside = { ...(isOne && { queued: true }), ...(isBeat && { beat: true }) };
      all.queued.after = undefined;
      refresh("open", { tails });
      if (!isOne) refresh("queued");
    },
    lists: () => ({ open: all.open.contacts, queued: all.queued.contacts, closed: all.closed.contacts }),
    hasOlderClosed: () => all.closed.after !== undefined,
    listOlderClosed: () => {
      if (all.closed.after) all.closed.question.ask();
    },
    since: ({ status }) => all[status].asking.since(),
    answered: ({ status, contacts, next, queued }) => {
      const own = all[status];
      if (status === "open") openAnswered(queued !== undefined);
      own.question.answered();
      if (!own.after) own.since = own.asking.since();
      own.asking.answered();
      const known = contacts.map(withLine);
      own.coming = own.after ? merged(own.coming, known) : known;
      own.after = next;
      const { wantsTails } = own;
      if (next && status !== "closed") {
        own.question.ask();
        return wantsTails;
      }
      own.contacts = asTold(status, own);
      // What ends is pushed to nobody but who ended it, so each page of the closed ones is asked for with lines.
      own.wantsLines = status === "closed";
      own.wantsTails = false;
      return wantsTails;
    },
    moved: ({ action, seq, ...contact }) => {
      const { contact_id: id, status } = contact;
      if ((told.get(id) ?? 0) > seq) return false;
      told.set(id, seq);
      queueMoved.note(id);
      const others = all.queued.contacts.filter(({ contact_id }) => contact_id !== id);
      // Who waits already stands before those who come.
      all.queued.contacts = status === "queued" ? [...others, withLine(contact)] : others;
      return true;
    },
    left: (contactId) => {
      hasLeft.note(contactId);
      all.open.contacts = all.open.contacts.filter(({ contact_id }) => contact_id !== contactId);
    },
    came: hasLeft.forget,
    refused: (error) => {
      // An error does not tell which list was asked for.
      const asked = Object.values(all).filter(({ question }) => question.isOpen());
      return asked.length > 0 && asked.map(({ question }) => question.refused(error)).every((willAsk) => willAsk);
    },
    stop: () => {
      for (const { question, asking } of Object.values(all)) {
        question.stop();
        asking.stop();
      }
    },
  };
}

/** A contact may move while its list is read, and be on two pages. */
function merged(before: readonly InboxContact[], page: readonly InboxContact[]): readonly InboxContact[] {
  return [...new Map([...before, ...page].map((contact) => [contact.contact_id, contact])).values()];
}
