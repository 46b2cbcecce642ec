import type { SellerSnapshot } from "../../core";
import { nameOf, unreadIn } from "../inbox/contacts";
import type { Preferences } from "../settings/preferences";

const TITLE = "Seller Chat";

/** Calls a seller who looks elsewhere: a sound, a notification of the desktop, a number in the title. */
export interface Alerts {
  follow(snapshot: SellerSnapshot, preferences: Preferences): void;
}

export interface AlertWorld {
  readonly beep: () => void;
  readonly notify: (title: string, text: string, contactId: string) => void;
  readonly setTitle: (title: string) => void;
}

export function createAlerts(world: AlertWorld): Alerts {
  const heard = new Map<string, number>();

  /** New messages by contact; what was there when a conversation was first read is not new. */
  function news(snapshot: SellerSnapshot): readonly { contactId: string; name: string; text: string }[] {
    return [...snapshot.conversations.values()].flatMap((view) => {
      if (!view.loaded) return [];
      const { contactId, unread } = view;
      const before = heard.get(contactId) ?? 0;
      heard.set(contactId, unread);
      if (unread <= before) return [];
      const newest = view.items.filter((item) => item.kind === "message").at(-1);
      const text = newest?.kind === "message" ? (newest.message ?? "") : "";
      return [{ contactId, name: nameOf(contactId, view), text }];
    });
  }

  return {
    follow: (snapshot, preferences) => {
      const added = news(snapshot);
      const unread = unreadIn(snapshot);
      world.setTitle(unread && preferences.titleBadge ? `(${unread}) ${TITLE}` : TITLE);
      if (added.length === 0) return;
      if (preferences.sound) world.beep();
      if (preferences.notifications) for (const { contactId, name, text } of added) world.notify(name, text, contactId);
    },
  };
}

/** A browser's side. `opened` is called when a person follows a notification. */
export function browserAlerts(opened: (contactId: string) => void): AlertWorld {
  let audio: AudioContext | undefined;
  return {
    setTitle: (title) => {
      if (document.title !== title) document.title = title;
    },
    notify: (title, text, contactId) => {
      if (!("Notification" in window) || Notification.permission !== "granted") return;
      const notification = new Notification(title, { body: text.slice(0, 200), tag: contactId });
      notification.onclick = () => {
        window.focus();
        opened(contactId);
        notification.close();
      };
    },
    beep: () => {
      audio ??= new AudioContext();
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const { currentTime } = audio;
      tone.frequency.setValueAtTime(660, currentTime);
      tone.frequency.setValueAtTime(880, currentTime + 0.09);
      volume.gain.setValueAtTime(0.08, currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, currentTime + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(currentTime + 0.3);
    },
  };
}
