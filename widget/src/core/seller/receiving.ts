import type {
  ContactStatus,
  ErrorFrame,
  InboxContact,
  InboxListed,
  PresenceSet,
  QueueChanged,
  ServerFrame,
  Synced,
} from "../protocol";
import type { CatchUp } from "./catch-up";
import type { Desk, Desks } from "./desks";
import type { Inbox } from "./inbox";
import type { Presence } from "./presence";
import type { Rounds } from "./rounds";
import type { SignOut } from "./sign-out";
import type { Team } from "./team";

export interface Receivers {
  readonly desks: Desks;
  readonly inbox: Inbox;
  readonly presence: Presence;
  readonly signOut: SignOut;
  readonly team: Team;
  readonly rounds: Rounds;
  readonly catchUp: CatchUp;
  /** What was refused for good, and nothing else tells of. */
  readonly failed: (error: ErrorFrame) => void;
}

/** Gives each frame that a seller's connection receives to the part that waits for it. */
export function createReceiving(receivers: Receivers): (frame: ServerFrame) => void {
  const { desks, inbox, presence, signOut, team, rounds, catchUp, failed } = receivers;

  function told(answer: PresenceSet): void {
    presence.answered(answer);
    if (signOut.isUnderWay() && answer.status === "offline") signOut.presenceSettled();
  }

  function about(contactId: string, frame: ServerFrame): void {
    const isNews = frame.action === "sendMessage" || frame.action === "entry";
    const known = desks.get(contactId);
    const isNew = isNews && !known;
    const desk = isNews ? hearOf(contactId) : known;
    const beginning = beginningIn(frame);
    if (desk && isNew) {
      rounds.refreshSoon();
      // What came by push alone is not known to be whole, nor how much of it was seen.
      if (!beginning) catchUp.add(desk.conversation);
    }
    if (desk && frame.action !== "error") desk.isLost = false;
    desk?.conversation.receive(beginning ?? frame);
  }

  function hearOf(contactId: string): Desk {
    inbox.came(contactId);
    return desks.ensure(contactId);
  }

  function listed(frame: InboxListed): void {
    const isLook = inbox.answered(frame);
    if (!frame.next) askAfterUnlisted(frame.status);
    if (frame.queued) listed({ action: "inbox", status: "queued", ...frame.queued });
    if (frame.presence) told({ action: "presence", ...frame.presence });
    if (frame.status !== "open") return;
    for (const contact of frame.contacts) {
      if (!isCaughtUp(contact, isLook)) catchUp.add(desks.ensure(contact.contact_id).conversation);
    }
  }

  /** Whether all of an open contact is here, as far as its list tells. */
  function isCaughtUp({ contact_id, tail, marks }: InboxContact, isLook: boolean): boolean {
    const known = desks.get(contact_id);
    if (!known || known.isLost || known.conversation.view().status !== "open") return false;
    const cursor = known.conversation.destination()?.cursor;
    if (!isLook) return cursor !== undefined;
    if (tail === undefined || tail !== cursor) return false;
    // That is what a sync would have answered.
    const nothingMore = { after: tail, entries: [], more: false, tail, ...(marks && { marks }) };
    known.conversation.receive({ action: "sync", contact_id, ...nothingMore });
    return true;
  }

  function queueMoved(frame: QueueChanged): void {
    if (!inbox.moved(frame)) return;
    const known = desks.get(frame.contact_id)?.conversation;
    // What was read while it waited goes on being shown to who has it, and to nobody else.
    if (known?.view().loaded && known.view().status !== frame.status) known.sync();
  }

  /** Only the seller who has a contact is told what happens there: a list tells which ones are with somebody else now. */
  function askAfterUnlisted(status: ContactStatus): void {
    if (status === "closed") return;
    const listedIds = new Set(inbox.lists()[status].map(({ contact_id }) => contact_id));
    for (const { conversation, isLost } of desks.all()) {
      const view = conversation.view();
      if (view.status !== status || isLost || listedIds.has(conversation.contactId)) continue;
      if (view.loaded) conversation.sync();
      // It may have ended before it could be read over an earlier connection.
      else catchUp.add(conversation);
    }
  }

  function refused(error: ErrorFrame): void {
    if (error.of === "presence") presenceRefused(error);
    else if (error.of === "signOut") signOut.refused(error);
    else if (error.of === "team") team.refused(error);
    else if (error.of !== "inbox" || !inbox.refused(error)) failed(error);
  }

  function presenceRefused(error: ErrorFrame): void {
    if (presence.refused(error)) return;
    if (signOut.isUnderWay()) signOut.presenceSettled();
    else failed(error);
  }

  return (frame) => {
    if (frame.action === "inbox") listed(frame);
    else if (frame.action === "presence") told(frame);
    else if (frame.action === "team") team.answered(frame);
    else if (frame.action === "waiting") queueMoved(frame);
    else if ("contact_id" in frame && frame.contact_id !== undefined) about(frame.contact_id, frame);
    else if (frame.action === "error") refused(frame);
  };
}

/** A contact that has just begun, as a sync would tell it. */
function beginningIn(frame: ServerFrame): Synced | undefined {
  if (frame.action !== "entry" || !frame.before) return undefined;
  const entries = [...frame.before, frame.entry];
  const { contact_id, entry } = frame;
  return { action: "sync", contact_id, after: 0, entries, more: false, tail: entry.seq };
}
