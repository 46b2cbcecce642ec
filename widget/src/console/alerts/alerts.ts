import type { ConversationView, SellerSnapshot } from "../../core";
import { callOf, isAway, lineOf, nameOf, unreadIn } from "../inbox/contacts";
import { PRODUCT } from "../session/session";
import type { Preferences } from "../settings/preferences";
import type { Claims } from "./claims";
import type { Memory, Noted } from "./memory";

/** Calls a seller who looks elsewhere: a sound, a notification of the desktop, a number in the title, a dot on the icon. */
export interface Alerts {
  follow(snapshot: SellerSnapshot, preferences: Preferences): void;
}

export interface AlertWorld {
  readonly beep: () => void;
  readonly notify: (title: string, text: string, contactId: string) => void;
  readonly setTitle: (title: string) => void;
  readonly setDot: (isOn: boolean) => void;
}

interface News extends Noted {
  readonly contactId: string;
  readonly name: string;
  readonly text: string;
}

/** `claims` says what this device has called for already; `seen` which new contacts the seller has looked at. */
export function createAlerts(world: AlertWorld, claims: Claims, seen: Memory): Alerts {
  const asked = new Map<string, number>();

  function isToBeAsked({ key, seq }: News): boolean {
    if (seq <= (asked.get(key) ?? 0)) return false;
    asked.set(key, seq);
    return true;
  }

  function ring(news: readonly News[], { sound, notifications }: Preferences): void {
    if (sound) world.beep();
    if (notifications) for (const { contactId, name, text } of news) world.notify(name, text, contactId);
  }

  return {
    follow: (snapshot, preferences) => {
      const unread = unreadIn(snapshot, seen);
      world.setTitle(unread && preferences.titleBadge ? `(${unread}) ${PRODUCT}` : PRODUCT);
      world.setDot(unread > 0);
      const here = [...snapshot.conversations.values()].filter(({ contactId }) => !isAway(snapshot, contactId));
      const news = here.flatMap((view) => newsOf(view, seen)).concat(backIn(snapshot, seen));
      const candidates = news.filter(isToBeAsked);
      if (candidates.length > 0) claims.claim(candidates, (own) => ring(own, preferences));
    },
  };
}

/** What in a conversation asks for the seller and was not seen. */
function newsOf(view: ConversationView, seen: Memory): readonly News[] {
  if (!view.loaded || view.status !== "open") return [];
  const { contactId } = view;
  const name = nameOf(contactId, view);
  const message = view.items.findLast((item) => item.kind === "message" && item.from === `visitor-${contactId}`);
  if (view.unread > 0 && message?.kind === "message") {
    return [{ key: contactId, contactId, name, text: message.message ?? "", seq: message.seq }];
  }
  const call = callOf(view, seen);
  return call === undefined ? [] : [{ key: contactId, contactId, name, text: "New chat", seq: call }];
}

/**
 * What came back after a snooze, and nobody has looked at; nothing of what is a colleague's by now. Its number is the time, which no
 * other of the contact's has.
 */
function backIn(snapshot: SellerSnapshot, seen: Memory): readonly News[] {
  const own = new Set(snapshot.inbox.open.map(({ contact_id }) => contact_id));
  const back = [...snapshot.snoozes].filter(([contactId, { isBack }]) => isBack && own.has(contactId));
  return back
    .filter(([contactId, { until }]) => until > seen.newest(backKey(contactId)))
    .map(([contactId, { until }]) => {
      const name = nameOf(contactId, snapshot.conversations.get(contactId), lineOf(snapshot, contactId));
      return { key: backKey(contactId), contactId, name, text: "Back from snooze", seq: until };
    });
}

/** Under what is remembered that a contact came back. */
export function backKey(contactId: string): string {
  return `back:${contactId}`;
}
