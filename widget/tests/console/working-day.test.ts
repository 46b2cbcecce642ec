import { describe, expect, it } from "vitest";
import { backKey } from "../../src/console/alerts/alerts";
import { createVisitorChat, type VisitorChat } from "../../src/core";
import { createDevice } from "../world/device";
import type { Contact } from "../world/server";
import { listedSnooze } from "../world/server/snoozes";
import { createWorld, type World } from "../world/world";
import { createSeller, type Seller } from "./working-seller";

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
const TAGS = ["refund", "VIP", "parcel"] as const;
const LAST_SNOOZE = MINUTES - 60;

interface Guest {
  readonly chat: VisitorChat;
  readonly said: string[];
  left: number;
}

type Guests = ReturnType<typeof createGuests>;

/** A day: who takes part, and what sellers kept beside the chats. */
interface Day {
  readonly world: World;
  readonly sellers: readonly Seller[];
  readonly guests: Guests;
  /** What was noted, by contact. */
  readonly notes: Map<string, string[]>;
  /** Chats that were put away, each as often as it was. */
  readonly snoozed: string[];
}

/** What a seller does in a minute: takes somebody, looks at who waits longest or at any other, and deals with that chat. */
function work(day: Day, seller: Seller, minute: number): void {
  const { chance } = day.world;
  const mine = seller.rows("open");
  const waiting = seller.rows("queued")[0];
  if (waiting && mine.length < MOST_AT_ONCE) {
    seller
      .desk()
      .take(waiting.contactId)
      .catch(() => {});
  }
  const next = seller.next();
  const some = chance.pick(["", ...mine.map(({ contactId }) => contactId)]);
  seller.look(next ?? (some || undefined));
  const chosen = seller.visible();
  const view = chosen === undefined ? undefined : seller.desk().getSnapshot().conversations.get(chosen);
  if (!chosen || view?.status !== "open" || !view.loaded) return;
  if (chance.happens(0.3)) label(day.world, seller, chosen);
  if (chance.happens(0.08)) handOver(day, seller, chosen);
  else if (next) seller.desk().send(chosen, `${seller.name} answers`);
  else if (minute < LAST_SNOOZE && chance.happens(0.3)) snooze(day, seller, chosen);
  else if (day.guests.byContact.get(chosen)?.left === 0) end(seller, chosen);
}

function label({ chance }: World, seller: Seller, contactId: string): void {
  const { tagging } = seller.desk();
  const tag = chance.pick(TAGS);
  (chance.happens(0.7) ? tagging.add(contactId, tag) : tagging.remove(contactId, tag)).catch(() => {});
}

function handOver({ world, sellers, notes }: Day, seller: Seller, contactId: string): void {
  const desk = seller.desk();
  const to = world.chance.pick(sellers.filter((each) => each !== seller));
  const text = `${seller.name} knows more of it for ${to.name}`;
  desk.notes
    .write(contactId, text)
    .then(() => notes.set(contactId, [...(notes.get(contactId) ?? []), text]))
    .then(() => desk.transfer(contactId, to.name))
    .catch(() => {});
  seller.look(undefined);
}

/** Some visitors write before the time comes, and some have nothing more to say. */
function snooze({ world, snoozed }: Day, seller: Seller, contactId: string): void {
  const until = world.clock.now() + world.chance.between(2, 45) * MINUTE_MS;
  seller
    .desk()
    .snoozing.putAway(contactId, until)
    .then((isAway) => isAway && snoozed.push(contactId))
    .catch(() => {});
  seller.look(undefined);
}

function end(seller: Seller, contactId: string): void {
  seller
    .desk()
    .close(contactId)
    .catch(() => {});
  seller.look(undefined);
}

function contactsOf({ server }: World, wanted: (contact: Contact) => boolean): readonly Contact[] {
  return [...server.contacts.values()].filter(wanted);
}

const idsOf = (contacts: readonly Contact[]) => contacts.map(({ id }) => id).sort();
const listedIds = (seller: Seller, list: "open" | "snoozed" | "queued") =>
  seller
    .rows(list)
    .map(({ contactId }) => contactId)
    .sort();

/** What a seller sees, and a recount at the server; equal they should be. */
function compare({ world, notes }: Day, seller: Seller): void {
  const now = world.clock.now();
  const until = (contact: Contact) => Date.parse(listedSnooze(contact).snooze?.until ?? "");
  const isAway = (contact: Contact) => until(contact) > now;
  const open = contactsOf(world, (each) => each.seller === seller.name && each.status === "open");
  const queued = contactsOf(world, (each) => each.status === "queued");
  const here = open.filter((each) => !isAway(each));
  expect(listedIds(seller, "open"), `${seller.name}'s list`).toEqual(idsOf(here));
  expect(listedIds(seller, "snoozed"), `what ${seller.name} has put away`).toEqual(idsOf(open.filter(isAway)));
  expect(listedIds(seller, "queued"), `${seller.name}'s queue`).toEqual(idsOf(queued));
  for (const { contactId, awayUntil } of seller.rows("snoozed")) {
    expect(awayUntil, `until when ${contactId} is away`).toBe(until(world.server.contacts.get(contactId) as Contact));
  }
  const unread = here.map((contact) => compareRow(seller, contact, until(contact)));
  const sum = unread.reduce((total, each) => total + each, 0);
  expect(seller.title(), `the number in ${seller.name}'s title`).toBe(sum ? `(${sum}) Seller Chat` : "Seller Chat");
  compareNotes(seller, notes);
}

/** One row, and whether it has rung; what it adds to the number in the title. `backSince` is NaN if it is not back. */
function compareRow(seller: Seller, contact: Contact, backSince: number): number {
  const { id, log, marks, tags } = contact;
  const row = seller.rows("open").find(({ contactId }) => contactId === id);
  const fromVisitor = log.filter(({ kind, from }) => kind === "message" && from === `visitor-${id}`);
  const unseen = fromVisitor.filter(({ seq }) => seq > marks.seller.read);
  const isBack = !Number.isNaN(backSince);
  expect(row?.unread, `${seller.name}'s unread in ${id}`).toBe(unseen.length);
  expect(row?.isBack, `whether ${id} is back`).toBe(isBack);
  expect(row?.tags, `the tags of ${id}`).toEqual([...tags].sort());
  compareAlarms(seller, id, { told: unseen.at(-1)?.seq, back: isBack ? backSince : undefined });
  return unseen.length || Number(isBack || row?.isNew);
}

interface Calls {
  /** The number of the newest message that was not seen. */
  readonly told: number | undefined;
  /** The time at which a snooze ended. */
  readonly back: number | undefined;
}

/** What calls for a seller who has not looked yet has rung. */
function compareAlarms(seller: Seller, id: string, { told, back }: Calls): void {
  if (seller.visible() === id) return;
  const { heard, seen } = seller;
  if (told !== undefined) expect(heard.newest(id), `the alarm of ${id} for ${seller.name}`).toBe(told);
  // Who looked while the connection was lost has seen it, which the server learns at the next look.
  if (back === undefined || seen.newest(backKey(id)) === back) return;
  expect(heard.newest(backKey(id)), `the alarm of ${id}, which is back`).toBe(back);
}

/** Of the chat on screen, which is asked for its notes. */
function compareNotes(seller: Seller, notes: ReadonlyMap<string, readonly string[]>): void {
  const visible = seller.visible();
  if (visible === undefined) return;
  const read = seller.desk().getSnapshot().notes.get(visible) ?? [];
  expect(
    read.map(({ text }) => text),
    `what is noted of ${visible}`,
  ).toEqual(notes.get(visible) ?? []);
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
async function pass(day: Day, minute: number): Promise<void> {
  day.guests.pass(minute);
  for (const each of day.sellers) {
    happen(each, minute);
    if (!each.isAsleep() && !isOnBreak(each, minute)) work(day, each, minute);
  }
  await day.world.clock.advance(MINUTE_MS);
}

async function recount(day: Day): Promise<void> {
  // What was lost on the way is asked for within a minute or two.
  await day.world.clock.advance(2 * MINUTE_MS);
  for (const each of day.sellers) if (!each.isAsleep()) compare(day, each);
}

/** Who has a chat of which something was noted reads it there. */
async function readNotes(day: Day): Promise<void> {
  for (const contactId of day.notes.keys()) {
    const seller = day.sellers.find(({ name }) => name === day.world.server.contacts.get(contactId)?.seller);
    seller?.look(contactId);
    await day.world.clock.advance(5_000);
    expect(seller?.visible()).toBe(contactId);
    if (seller) compareNotes(seller, day.notes);
  }
}

/** Once for each time that it was put away, at most: who wrote meanwhile has rung for that. */
function backRangOnce({ sellers, snoozed }: Day): void {
  const rang = sellers.flatMap(({ rings }) => rings).filter(({ text }) => text === "Back from snooze");
  for (const { contactId } of rang) {
    const times = rang.filter((each) => each.contactId === contactId).length;
    expect(times).toBeLessThanOrEqual(snoozed.filter((each) => each === contactId).length);
  }
  expect(rang.length).toBeGreaterThan(10);
  expect(snoozed.length).toBeGreaterThan(rang.length);
}

describe("a working day", () => {
  it("loses nothing, misses no alarm, and counts right", async () => {
    const world = createWorld(7);
    world.server.needsPresence = true;
    const sellers = NAMES.map((name) => createSeller(world, name));
    const day: Day = { world, sellers, guests: createGuests(world), notes: new Map(), snoozed: [] };

    for (let minute = 0; minute < MINUTES; minute++) {
      await pass(day, minute);
      if (minute % RECOUNT_EVERY === 0) await recount(day);
    }

    for (const each of sellers) each.look(undefined);
    await recount(day);
    await readNotes(day);
    for (const guest of day.guests.all) nothingIsLost(guest, world);
    backRangOnce(day);
    const taken = contactsOf(world, ({ seller }) => seller !== undefined);
    const handedOver = contactsOf(world, ({ log }) => log.some(({ kind }) => kind === "transferred"));
    const tagged = contactsOf(world, ({ tags }) => tags.size > 0);
    expect([day.guests.all.length, world.server.contacts.size, taken.length]).toEqual([VISITORS, VISITORS, VISITORS]);
    expect([handedOver, tagged].map(({ length }) => length > 10)).toEqual([true, true]);
    expect([...day.notes.values()].flat().length).toBeGreaterThan(10);
    expect(sellers.map(({ rings }) => rings.length > 10)).toEqual([true, true, true]);
  }, 120_000);
});
