import type { EarlierReading, EarlierView, PastView, SellerSnapshot } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Ports } from "../ports";
import type { EarlierListed, EarlierRead, ErrorFrame, ServerFrame } from "../protocol";

/** So many pages in a row of which the seller may see nothing are read by themselves. */
const MOST_EMPTY = 3;

/** What the visitors of the seller's contacts had before, as far as it was asked for. */
export interface Earlier extends EarlierReading {
  known(): Pick<SellerSnapshot, "earlier" | "past">;
  /** Whether the frame is for this. */
  receive(frame: ServerFrame): boolean;
  up(): void;
  stop(): void;
}

/** The contact of which the list is asked for, behind which earlier one, and how many pages before showed nothing. */
interface Wanted {
  readonly contactId: string;
  readonly after: string | undefined;
  readonly empty: number;
}

export function createEarlier(ports: Ports, link: Link): Earlier {
  let all: ReadonlyMap<string, EarlierView> = new Map();
  let past: PastView | undefined;
  let wanted: Wanted | undefined;
  const list = createQuestion(ports, link, () => {
    if (!wanted) return undefined;
    const { contactId, after } = wanted;
    return { action: "earlier", contact_id: contactId, ...(after && { after }) };
  });
  const reading = createQuestion(ports, link, () => {
    if (!past?.isUnderWay) return undefined;
    const after = past.entries.at(-1)?.seq;
    return {
      action: "readEarlier",
      contact_id: past.beside,
      earlier: past.contactId,
      ...(after !== undefined && { after }),
    };
  });

  function askForList(next: Wanted): void {
    wanted = next;
    list.ask();
  }

  function listed({ contact_id: contactId, contacts, next }: EarlierListed): void {
    const isEmpty = next !== undefined && contacts.length === 0;
    const walk = wanted?.contactId === contactId ? wanted : undefined;
    if (walk) {
      list.answered();
      wanted = undefined;
      const empty = walk.empty + 1;
      if (isEmpty && empty < MOST_EMPTY) {
        askForList({ contactId, after: next, empty });
        return;
      }
    }
    // Another chat was opened meanwhile: this one is asked for when it is chosen again.
    if (isEmpty && !walk) return;
    const before = all.get(contactId)?.contacts ?? [];
    const known = new Map([...before, ...contacts].map((each) => [each.contact_id, each]));
    all = new Map([...all, [contactId, { contacts: [...known.values()], next }]]);
  }

  function read({ contact_id: beside, earlier, after, entries, more }: EarlierRead): void {
    if (!past?.isUnderWay || beside !== past.beside || earlier !== past.contactId) return;
    if (after !== (past.entries.at(-1)?.seq ?? 0)) return;
    reading.answered();
    past = { ...past, entries: [...past.entries, ...entries], hasMore: more, isUnderWay: false };
  }

  function refused(error: ErrorFrame): boolean {
    if (error.of === "earlier") {
      if (!list.refused(error)) wanted = undefined;
    } else if (error.of === "readEarlier") {
      if (!reading.refused(error) && past) past = { ...past, isUnderWay: false, failure: error.code };
    } else return false;
    return true;
  }

  function goOn(next: PastView): void {
    past = { ...next, isUnderWay: true, failure: undefined };
    reading.ask();
  }

  return {
    known: () => ({ earlier: all, past }),
    list: (contactId) => {
      if (all.has(contactId) || wanted?.contactId === contactId) return;
      askForList({ contactId, after: undefined, empty: 0 });
    },
    more: (contactId) => {
      const after = all.get(contactId)?.next;
      if (after !== undefined) askForList({ contactId, after, empty: 0 });
    },
    read: (beside, contactId) =>
      goOn({ beside, contactId, entries: [], hasMore: false, isUnderWay: true, failure: undefined }),
    readOn: () => {
      if (past && !past.isUnderWay) goOn(past);
    },
    putAway: () => {
      reading.stop();
      past = undefined;
    },
    receive: (frame) => {
      if (frame.action === "error") return refused(frame);
      if (frame.action === "earlier") listed(frame);
      else if (frame.action === "readEarlier") read(frame);
      else return false;
      return true;
    },
    up: () => {
      if (wanted) list.ask();
      if (past?.isUnderWay) reading.ask();
    },
    stop: () => {
      list.stop();
      reading.stop();
    },
  };
}
