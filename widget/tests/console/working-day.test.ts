import { describe, expect, it } from "vitest";
import { createAlerts } from "../../src/console/alerts/alerts";
import { createMemory } from "../../src/console/alerts/memory";
import { nextUnanswered, rowsOfInbox } from "../../src/console/inbox/contacts";
import type { Preferences } from "../../src/console/settings/preferences";
import { createSellerDesk, createVisitorChat, type SellerDesk, type VisitorChat } from "../../src/core";
import { createDevice, type Network, type Tab } from "../world/device";
import type { Contact } from "../world/server";
import { createWorld, type World } from "../world/world";

/** Eight hours, of which each minute is one: three sellers of a team, and those who come to them. */
const MINUTES = 8 * 60;
const MINUTE_MS = 60_000;
const VISITORS = 120;
const NAMES = ["ana", "bo", "cy"] as const;
const MOST_AT_ONCE = 8;
const BREAKS: Readonly<Record<string, number>> = { ana: 180, bo: 210, cy: 240 };
const BREAK_MINUTES = 30;
const RELOADS: Readonly<Record<number, string>> = { 100: "ana", 330: "bo" };
/** Whose laptop sleeps from when to when. */
const ASLEEP = { name: "cy", from: 120, to: 165 };
const RECOUNT_EVERY = 24;

const LOUD: Preferences = {
  sound: true,
  notifications: true,
  titleBadge: true,
  sort: "latest",
  density: "comfortable",
  cannedReplies: [],
};

interface Guest {
  readonly chat: VisitorChat;
  readonly said: string[];
  left: number;
}

function memoryItems() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

/** A seller at a console, whose alarms are noted. */
function createSeller({ clock, chance, server }: World, name: string) {
  const device = createDevice(clock, chance, server);
  const stored = memoryItems();
  const heard = createMemory("heard", stored);
  const seen = createMemory("seen", stored);
  const rings: string[] = [];
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
        notify: (_title, _text, contactId) => rings.push(contactId),
        setTitle: () => {},
        setDot: () => {},
        alone: (act) => act(),
      },
      heard,
      seen,
    );
    const own = desk;
    own.subscribe(() => isAsleep || alerts.follow(own.getSnapshot(), LOUD));
    own.open();
    look(visible);
  }

  function look(contactId: string | undefined): void {
    visible = contactId;
    desk.setVisible(contactId);
    if (contactId) desk.read(contactId);
  }

  load();
  return {
    name,
    rings,
    heard,
    desk: () => desk,
    visible: () => visible,
    look,
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
    rows: (status: "open" | "queued") => rowsOfInbox(desk.getSnapshot(), status),
  };
}

type Seller = ReturnType<typeof createSeller>;
type Guests = ReturnType<typeof createGuests>;

/** What a seller does in a minute: takes somebody, answers who waits longest, hands over, ends. */
function work(world: World, seller: Seller, colleagues: readonly Seller[], guests: ReadonlyMap<string, Guest>): void {
  const { chance } = world;
  const desk = seller.desk();
  const mine = seller.rows("open");
  const waiting = seller.rows("queued")[0];
  if (waiting && mine.length < MOST_AT_ONCE) desk.take(waiting.contactId).catch(() => {});
  const next = nextUnanswered(desk.getSnapshot(), undefined);
  const some = chance.pick(["", ...mine.map(({ contactId }) => contactId)]);
  seller.look(next ?? (some || undefined));
  const chosen = seller.visible();
  const view = chosen === undefined ? undefined : desk.getSnapshot().conversations.get(chosen);
  if (!chosen || view?.status !== "open" || !view.loaded) return;
  const other = chance.pick(colleagues);
  if (chance.happens(0.08)) {
    desk.notes
      .write(chosen, `${seller.name} knows more`)
      .then(() => desk.transfer(chosen, other.name))
      .catch(() => {});
    seller.look(undefined);
  } else if ((guests.get(chosen)?.left ?? 0) === 0 && next === undefined) {
    desk.close(chosen).catch(() => {});
    seller.look(undefined);
  } else if (next) desk.send(chosen, `${seller.name} answers`);
}

function contactsOf({ server }: World, wanted: (contact: Contact) => boolean): readonly string[] {
  return [...server.contacts.values()].filter(wanted).map(({ id }) => id);
}

/** What a seller sees, and a recount at the server; equal they should be. */
function compare(world: World, seller: Seller): void {
  const open = contactsOf(world, (each) => each.seller === seller.name && each.status === "open");
  const queued = contactsOf(world, (each) => each.status === "queued");
  const rows = seller.rows("open");
  expect(rows.map(({ contactId }) => contactId).sort(), `${seller.name}'s list`).toEqual([...open].sort());
  expect(
    seller
      .rows("queued")
      .map(({ contactId }) => contactId)
      .sort(),
    `${seller.name}'s queue`,
  ).toEqual([...queued].sort());
  for (const { contactId, unread } of rows) {
    const { log, marks } = world.server.contacts.get(contactId) as Contact;
    const fromVisitor = log.filter(({ kind, from }) => kind === "message" && from === `visitor-${contactId}`);
    const unseen = fromVisitor.filter(({ seq }) => seq > marks.seller.read);
    expect(unread, `${seller.name}'s unread in ${contactId}`).toBe(unseen.length);
    if (unseen.length === 0 || seller.visible() === contactId) continue;
    expect(seller.heard.newest(contactId), `the alarm of ${contactId} for ${seller.name}`).toBe(unseen.at(-1)?.seq);
  }
}

/** The day's visitors: who comes when, and who says something now. */
function createGuests({ clock, chance, server }: World) {
  const arrivals = Array.from({ length: VISITORS }, () => chance.between(0, MINUTES - 60)).sort((a, b) => a - b);
  const all: Guest[] = [];
  const byContact = new Map<string, Guest>();

  function arrive(): void {
    const { ports } = createDevice(clock, chance, server).openTab();
    const chat = createVisitorChat({ sellerId: "support", socketUrl: "wss://chat.test/local" }, ports);
    chat.start({ name: `Visitor ${all.length}` });
    all.push({ chat, said: [], left: chance.between(1, 5) });
  }

  function speak(guest: Guest): void {
    guest.left--;
    const text = `message ${guest.said.length} of ${all.indexOf(guest)}`;
    guest.said.push(text);
    guest.chat.send(text);
    const contact = guest.chat.getSnapshot().conversation?.contactId;
    if (contact) byContact.set(contact, guest);
  }

  return {
    all,
    byContact,
    pass: (minute: number) => {
      while (arrivals[all.length] === minute) arrive();
      for (const guest of all) if (guest.left > 0 && chance.happens(0.25)) speak(guest);
    },
  };
}

function isOnBreak({ name }: Seller, minute: number): boolean {
  const begins = BREAKS[name] ?? 0;
  return minute >= begins && minute < begins + BREAK_MINUTES;
}

/** What happens to a seller this minute, besides work. */
function happen(seller: Seller, minute: number): void {
  if (RELOADS[minute] === seller.name) seller.reload();
  if (seller.name === ASLEEP.name && minute === ASLEEP.from) seller.sleep();
  if (seller.name === ASLEEP.name && minute === ASLEEP.to) seller.wake();
  if (isOnBreak(seller, minute) === isOnBreak(seller, minute - 1)) return;
  seller.look(undefined);
  seller.desk().setPresence(isOnBreak(seller, minute) ? "away" : "online");
}

function nothingIsLost({ chat, said }: Guest, { server }: World): void {
  const conversation = chat.getSnapshot().conversation;
  const log = server.contacts.get(conversation?.contactId ?? "")?.log ?? [];
  const stored = log.filter(({ message }) => message?.startsWith("message ")).map(({ message }) => message);
  expect(stored).toEqual(said);
  expect(conversation?.outgoing).toEqual([]);
}

/** One minute of all of them. */
async function pass(world: World, minute: number, sellers: readonly Seller[], guests: Guests): Promise<void> {
  guests.pass(minute);
  for (const each of sellers) {
    happen(each, minute);
    const others = sellers.filter((other) => other !== each);
    if (!each.isAsleep() && !isOnBreak(each, minute)) work(world, each, others, guests.byContact);
  }
  await world.clock.advance(MINUTE_MS);
}

async function recount(world: World, sellers: readonly Seller[]): Promise<void> {
  // What was lost on the way is asked for within a minute or two.
  await world.clock.advance(2 * MINUTE_MS);
  for (const each of sellers) if (!each.isAsleep()) compare(world, each);
}

describe("a working day", () => {
  it("loses nothing, misses no alarm, and counts right", async () => {
    const world = createWorld(7);
    world.server.needsPresence = true;
    const sellers = NAMES.map((name) => createSeller(world, name));
    const guests = createGuests(world);

    for (let minute = 0; minute < MINUTES; minute++) {
      await pass(world, minute, sellers, guests);
      if (minute % RECOUNT_EVERY === 0) await recount(world, sellers);
    }

    for (const each of sellers) each.look(undefined);
    await recount(world, sellers);
    for (const guest of guests.all) nothingIsLost(guest, world);
    const { server } = world;
    const taken = contactsOf(world, ({ seller }) => seller !== undefined);
    const handedOver = contactsOf(world, ({ log }) => log.some(({ kind }) => kind === "transferred"));
    expect([guests.all.length, server.contacts.size, taken.length]).toEqual([VISITORS, VISITORS, VISITORS]);
    expect(handedOver.length).toBeGreaterThan(10);
    expect(sellers.map(({ rings }) => rings.length > 10)).toEqual([true, true, true]);
  }, 120_000);
});
