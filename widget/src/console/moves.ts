import type { Block, ChatProblem, SellerDesk, SellerSnapshot } from "../core";
import type { Place } from "./address";
import type { Memory } from "./alerts/memory";
import type { Sharing } from "./conversation/canned-replies";
import type { Drafts } from "./conversation/drafts";
import { type HandedOver, handedOver } from "./conversation/hand-over";
import { sharingWith } from "./conversation/sharing";
import { comingTime, LONGEST_DAYS } from "./conversation/snooze-times";
import { type Endings, UNDO_MS } from "./endings";
import { CONSOLE_LANGUAGE } from "./english";
import { nameOf, nextUnanswered, rowsOfInbox } from "./inbox/contacts";
import type { Preferences } from "./settings/preferences";
import type { Toast } from "./toasts";
import { momentOf } from "./visitor/blocked-sheet";
import { sentenceFor } from "./words";

const NO_SELLER = "You are not registered here any more. Ask your shop.";
const WRONG_REASON = "Write a reason in one line, with something to see in it.";

export interface MovesContext {
  readonly desk: SellerDesk;
  readonly snapshot: SellerSnapshot;
  readonly place: Place;
  readonly preferences: Preferences;
  readonly seen: Memory;
  readonly endings: Endings;
  readonly drafts: Drafts;
  readonly go: (place: Place) => void;
  readonly show: (toast: Toast) => void;
}

/** What a seller does with chats: each move says what came of it, and leads to the next chat. */
export interface Moves {
  end(contactId: string): void;
  keepThoseWhoWrite(): void;
  /** With a note for who gets it, which may be empty. */
  handOver(contactId: string, to: string, note: string): Promise<HandedOver>;
  /** False if it was not kept. */
  note(contactId: string, text: string): Promise<boolean>;
  /** False if it was not kept. */
  addTag(contactId: string, tag: string): Promise<boolean>;
  removeTag(contactId: string, tag: string): void;
  /** What the team shares. */
  readonly sharing: Sharing;
  /** Until a time in milliseconds since the epoch; false if it was not put away. */
  snooze(contactId: string, until: number): Promise<boolean>;
  /** Out of the list of what is snoozed. */
  fetchBack(contactId: string): void;
  /** Out of the queue, before its turn comes. */
  take(contactId: string): void;
  /** Why the visitor was not blocked, in a sentence; undefined once they are. */
  block(contactId: string, minutes: number, reason: string): Promise<string | undefined>;
  unblock(block: Pick<Block, "contact_id" | "visitor">): void;
  /** To the chat that is so many further down the list. */
  step(by: number): void;
  /** To the visitor who has waited longest. */
  next(): void;
}

export function movesFrom(context: MovesContext): Moves {
  const { desk, snapshot, place, preferences, seen, endings, drafts, go, show } = context;
  const { status, contactId: selected } = place;
  const hidden = endings.pending();

  function name(contactId: string): string {
    return nameOf(contactId, snapshot.conversations.get(contactId));
  }

  /** Opens the chat that needs the seller most, now that this one does not. */
  function leave(contactId: string): void {
    if (contactId !== selected) return;
    go({ status: "open", contactId: nextUnanswered(snapshot, contactId, { seen, hidden }) });
  }

  function end(contactId: string): void {
    endings.begin(contactId, newestOf(snapshot, contactId));
    show({
      id: contactId,
      text: `The chat with ${name(contactId)} ends.`,
      action: { label: "Undo", run: () => takeBack(contactId) },
      lastsMs: UNDO_MS,
    });
    leave(contactId);
  }

  function takeBack(contactId: string): void {
    endings.undo(contactId);
    go({ status: "open", contactId });
  }

  /** A visitor who writes while the end of the chat can still be taken back wants it to go on. */
  function keepThoseWhoWrite(): void {
    for (const contactId of endings.pending()) {
      if (newestOf(snapshot, contactId) <= endings.newest(contactId)) continue;
      endings.undo(contactId);
      show({ id: contactId, text: `${name(contactId)} has written again. The chat stays open.` });
    }
  }

  /** Whether what was asked for is done; why not is said. */
  function tried(id: string, done: Promise<void>, failed: string): Promise<boolean> {
    return done.then(
      () => true,
      (problem: ChatProblem) => {
        show({ id, text: `${failed} ${sentenceFor(problem)}` });
        return false;
      },
    );
  }

  const note = (contactId: string, text: string) =>
    tried(`note ${contactId}`, desk.notes.write(contactId, text), "The note was not kept.");
  const addTag = (contactId: string, tag: string) =>
    tried(`tag ${contactId}`, desk.tagging.add(contactId, tag), `The tag “${tag}” was not kept.`);
  const removeTag = (contactId: string, tag: string) =>
    void tried(`tag ${contactId}`, desk.tagging.remove(contactId, tag), `The tag “${tag}” is still there.`);

  async function handOver(contactId: string, to: string, noted: string): Promise<HandedOver> {
    let isNoted = false;
    try {
      // First, since after the hand-over it is the other's to write notes.
      if (noted) await desk.notes.write(contactId, noted);
      isNoted = true;
      const answer = await desk.transfer(contactId, to);
      drafts.set(contactId, "");
      show({ id: contactId, text: handedOver(name(contactId), to, answer ?? {}, snapshot) });
      leave(contactId);
      return { isNoted, isGiven: true };
    } catch (problem) {
      const kept = noted && isNoted ? " Your note was kept." : "";
      show({ id: contactId, text: `Not handed over. ${sentenceFor(problem as ChatProblem)}${kept}` });
      return { isNoted, isGiven: false };
    }
  }

  function take(contactId: string): void {
    desk.take(contactId).then(
      () => go({ status: "open", contactId }),
      (problem: ChatProblem) => {
        const why = problem.code === "seller_full" ? "You have no room for one more chat." : sentenceFor(problem);
        show({ id: contactId, text: `${name(contactId)} was not taken. ${why}` });
        desk.refreshInbox("queued");
        desk.read(contactId);
      },
    );
  }

  function snooze(contactId: string, until: number): Promise<boolean> {
    return desk.snoozing.putAway(contactId, until).then(
      (isAway) => {
        if (!isAway) {
          show({ id: contactId, text: `${name(contactId)} has just written. The chat stays open.` });
          return false;
        }
        const text = `${name(contactId)} is snoozed until ${comingTime(until, Date.now(), CONSOLE_LANGUAGE.tag)}.`;
        show({ id: contactId, text, action: { label: "Undo", run: () => fetchBack(contactId) } });
        leave(contactId);
        return true;
      },
      (problem: ChatProblem) => {
        show({ id: contactId, text: `Not snoozed. ${sentenceForSnooze(problem)}` });
        return false;
      },
    );
  }

  function fetchBack(contactId: string): void {
    desk.snoozing.fetchBack(contactId).then(
      () => go({ status: "open", contactId }),
      (problem: ChatProblem) => show({ id: contactId, text: `Still snoozed. ${sentenceFor(problem)}` }),
    );
  }

  function block(contactId: string, minutes: number, reason: string): Promise<string | undefined> {
    endings.undo(contactId);
    return desk.blocking.block(contactId, minutes, reason).then(
      (done) => {
        const text = `${name(contactId)} is blocked until ${momentOf(done.until)}.`;
        show({ id: contactId, text, action: { label: "Undo", run: () => unblock(done) } });
        leave(contactId);
        return undefined;
      },
      (problem: ChatProblem) => `Not blocked. ${problem.code === "bad_field" ? WRONG_REASON : sentenceFor(problem)}`,
    );
  }

  function unblock({ contact_id: contactId, visitor }: Pick<Block, "contact_id" | "visitor">): void {
    desk.blocking.unblock(visitor).then(
      () => show({ id: contactId, text: `${name(contactId)} may write again.` }),
      (problem: ChatProblem) =>
        show({
          id: contactId,
          text: `Still blocked. ${problem.code === "unknown_seller" ? NO_SELLER : sentenceFor(problem)}`,
        }),
    );
  }

  function step(by: number): void {
    const rows = rowsOfInbox(snapshot, status, { sort: preferences.sort, seen, hidden });
    const at = rows.findIndex(({ contactId }) => contactId === selected);
    const next = rows[at + by] ?? rows[at < 0 ? 0 : at];
    if (next) go({ status, contactId: next.contactId });
  }

  function nextOne(): void {
    const contactId = nextUnanswered(snapshot, selected, { seen, hidden });
    if (contactId === undefined) show({ id: "next", text: "Nobody else waits for an answer." });
    else go({ status: "open", contactId });
  }

  return {
    end,
    keepThoseWhoWrite,
    handOver,
    note,
    addTag,
    removeTag,
    sharing: sharingWith(desk.sharedReplies, show),
    snooze,
    fetchBack,
    take,
    block,
    unblock,
    step,
    next: nextOne,
  };
}

/** What may be wrong is the time alone. */
function sentenceForSnooze(problem: ChatProblem): string {
  if (problem.code !== "bad_field") return sentenceFor(problem);
  return `Choose a time to come, at most ${LONGEST_DAYS} days from now, and before the chat is deleted.`;
}

/** The number of the newest message of the visitor. */
function newestOf({ conversations }: SellerSnapshot, contactId: string): number {
  const items = conversations.get(contactId)?.items ?? [];
  const message = items.findLast((item) => item.kind === "message" && item.from === `visitor-${contactId}`);
  return message?.kind === "message" ? message.seq : 0;
}
