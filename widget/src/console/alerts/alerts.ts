import type { ConversationView, SellerSnapshot } from "../../core";
import { callOf, nameOf, unreadIn } from "../inbox/contacts";
import type { Preferences } from "../settings/preferences";
import type { Memory } from "./memory";

const TITLE = "Seller Chat";

/** Calls a seller who looks elsewhere: a sound, a notification of the desktop, a number in the title, a dot on the icon. */
export interface Alerts {
  follow(snapshot: SellerSnapshot, preferences: Preferences): void;
}

export interface AlertWorld {
  readonly beep: () => void;
  readonly notify: (title: string, text: string, contactId: string) => void;
  readonly setTitle: (title: string) => void;
  readonly setDot: (isOn: boolean) => void;
  /** Calls `act` while no other tab of this device does the same. */
  readonly alone: (act: () => void) => void;
}

interface News {
  readonly contactId: string;
  readonly name: string;
  readonly text: string;
  readonly seq: number;
}

/** `heard` says what this device has called for already; `seen` which new contacts the seller has looked at. */
export function createAlerts(world: AlertWorld, heard: Memory, seen: Memory): Alerts {
  const asked = new Map<string, number>();

  function isToBeAsked({ contactId, seq }: News): boolean {
    if (seq <= (asked.get(contactId) ?? 0)) return false;
    asked.set(contactId, seq);
    return true;
  }

  function ring(candidates: readonly News[], { sound, notifications }: Preferences): void {
    const news = candidates.filter(({ contactId, seq }) => heard.note(contactId, seq));
    if (news.length === 0) return;
    if (sound) world.beep();
    if (notifications) for (const { contactId, name, text } of news) world.notify(name, text, contactId);
  }

  return {
    follow: (snapshot, preferences) => {
      const unread = unreadIn(snapshot, seen);
      world.setTitle(unread && preferences.titleBadge ? `(${unread}) ${TITLE}` : TITLE);
      world.setDot(unread > 0);
      const candidates = [...snapshot.conversations.values()].flatMap((view) => newsOf(view, seen)).filter(isToBeAsked);
      if (candidates.length > 0) world.alone(() => ring(candidates, preferences));
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
    return [{ contactId, name, text: message.message ?? "", seq: message.seq }];
  }
  const call = callOf(view, seen);
  return call === undefined ? [] : [{ contactId, name, text: "New chat", seq: call }];
}
