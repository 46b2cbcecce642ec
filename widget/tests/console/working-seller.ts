import type { ListName } from "../../src/console/address";
import { backKey, createAlerts } from "../../src/console/alerts/alerts";
import type { Claims } from "../../src/console/alerts/claims";
import { createMemory, type Memory } from "../../src/console/alerts/memory";
import { callOf, nextUnanswered, rowsOfInbox } from "../../src/console/inbox/contacts";
import type { Preferences } from "../../src/console/settings/preferences";
import { createSellerDesk, type SellerDesk } from "../../src/core";
import { createDevice, type Network, type Tab } from "../world/device";
import type { World } from "../world/world";

/** Of a seller who is called in every way. */
export const LOUD: Preferences = {
  sound: true,
  notifications: true,
  titleBadge: true,
  sort: "latest",
  density: "comfortable",
  cannedReplies: [],
};

export interface Ring {
  readonly contactId: string;
  readonly text: string;
}

export type Seller = ReturnType<typeof createSeller>;

/** What a page keeps, in memory. */
export function storage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

/** What was called for, by a memory that all tabs see at once. */
export function claimsBy(heard: Memory): Claims {
  return {
    claim: (news, act) => {
      const own = news.filter(({ key, seq }) => heard.note(key, seq));
      if (own.length > 0) act(own);
    },
  };
}

/** A seller at a console, whose alarms are noted; their device may sleep, and their page be loaded again. */
export function createSeller({ clock, chance, server }: World, name: string) {
  const device = createDevice(clock, chance, server);
  const stored = storage();
  const heard = createMemory("heard", stored);
  const seen = createMemory("seen", stored);
  const rings: Ring[] = [];
  let title = "";
  let isAsleep = false;
  let visible: string | undefined;
  let tab: Tab;
  let desk: SellerDesk;

  const network: Network = {
    http: server.http,
    sockets: {
      // A laptop that sleeps neither sends nor hears, and nobody tells it.
      open: (url, protocols, listener) => {
        const received = (text: string) => isAsleep || listener.received(text);
        const socket = server.sockets.open(url, protocols, { ...listener, received });
        return { close: socket.close, send: (text) => isAsleep || socket.send(text) };
      },
    },
  };

  function load(): void {
    tab = device.openTab(network);
    const credentials = async () => ({ token: "good" });
    desk = createSellerDesk({ sellerId: name, socketUrl: "wss://chat.test/local", credentials }, tab.ports);
    const alerts = createAlerts(
      {
        beep: () => {},
        notify: (_title, text, contactId) => rings.push({ contactId, text }),
        setTitle: (told) => {
          title = told;
        },
        setDot: () => {},
      },
      claimsBy(heard),
      seen,
    );
    const own = desk;
    own.subscribe(() => isAsleep || alerts.follow(own.getSnapshot(), LOUD));
    own.open();
    look(visible);
  }

  /** As the console does: what is on screen was seen, and calls for nobody. */
  function look(contactId: string | undefined): void {
    visible = contactId;
    desk.setVisible(contactId);
    if (!contactId) return;
    desk.read(contactId);
    desk.notes.read(contactId);
    const { conversations, snoozes } = desk.getSnapshot();
    const view = conversations.get(contactId);
    seen.note(contactId, (view && callOf(view, seen)) ?? 0);
    const snooze = snoozes.get(contactId);
    if (!snooze?.isBack) return;
    seen.note(backKey(contactId), snooze.until);
    desk.snoozing.fetchBack(contactId).catch(() => {});
  }

  load();
  return {
    name,
    rings,
    heard,
    seen,
    desk: () => desk,
    visible: () => visible,
    look,
    title: () => title,
    isAsleep: () => isAsleep,
    reload: () => {
      tab.kill();
      load();
    },
    sleep: () => {
      isAsleep = true;
    },
    wake: () => {
      isAsleep = false;
      tab.focus();
    },
    rows: (list: ListName) => rowsOfInbox(desk.getSnapshot(), list, { seen }),
    next: () => nextUnanswered(desk.getSnapshot(), undefined, { seen }),
  };
}
