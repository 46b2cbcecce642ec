import { expect, test } from "vitest";
import { rowsOfInbox } from "../../../src/console/inbox/contacts";
import type { SellerDesk, ServerFrame } from "../../../src/core";
import { newContact } from "../../world/server/contact";
import { createWorld, SELLER } from "../../world/world";

const [OPEN, OTHER, WAITING] = ["contact-Ada", "contact-Bo", "contact-Cy"] as const;
const TOMORROW = 20 * 3_600_000;

/** A seller with two open chats, and one that waits. */
async function deskAtWork() {
  const world = createWorld();
  const { server, clock } = world;
  for (const id of [OPEN, OTHER, WAITING]) {
    const given =
      id === WAITING
        ? ({ seller: undefined, status: "queued" } as const)
        : ({ seller: SELLER, status: "open" } as const);
    server.contacts.set(id, newContact(id, `device-${id}`, id === WAITING ? "support" : SELLER, given));
    server.append(id, { kind: "opened", from: `visitor-${id}`, id: "open.opened", user_info: { name: id } });
    server.append(
      id,
      id === WAITING
        ? { kind: "queued", from: "system", id: "open" }
        : { kind: "assigned", from: "system", id: "open", seller_id: SELLER },
    );
    server.say(id, "visitor", "Hello");
  }
  const { desk } = world.sellerTab();
  desk.open();
  desk.setPresence("online");
  await clock.advance(60_000);
  desk.read(WAITING);
  await clock.advance(1_000);
  return { ...world, desk };
}

const inList = (desk: SellerDesk, list: "open" | "queued" | "snoozed" | "closed") =>
  rowsOfInbox(desk.getSnapshot(), list).map(({ contactId }) => contactId);

function waitingIn(desk: SellerDesk) {
  const [listed] = desk.getSnapshot().inbox.queued;
  if (!listed) throw new Error("Nobody waits.");
  const { line, tail, marks, tags, snooze, ...waiting } = listed;
  return waiting;
}

interface Act {
  /** The action of the answer that comes late. */
  readonly late: ServerFrame["action"];
  ask(desk: SellerDesk): void;
  act(desk: SellerDesk, now: number): unknown;
  /** Whether what the seller did is to be seen. */
  isShown(desk: SellerDesk): boolean;
}

const lists = (desk: SellerDesk) => {
  desk.refreshInbox("open");
  desk.refreshInbox("queued");
};

const ACTS: Readonly<Record<string, Act>> = {
  snoozed: {
    late: "inbox",
    ask: lists,
    act: (desk, now) => desk.snoozing.putAway(OPEN, now + TOMORROW),
    isShown: (desk) => inList(desk, "snoozed").includes(OPEN) && !inList(desk, "open").includes(OPEN),
  },
  tagged: {
    late: "inbox",
    ask: lists,
    act: (desk) => desk.tagging.add(OPEN, "refund"),
    isShown: (desk) => desk.getSnapshot().tags.get(OPEN)?.includes("refund") ?? false,
  },
  ended: {
    late: "inbox",
    ask: lists,
    act: (desk) => desk.close(OPEN),
    isShown: (desk) => !inList(desk, "open").includes(OPEN) && inList(desk, "closed").includes(OPEN),
  },
  "handed over": {
    late: "inbox",
    ask: lists,
    act: (desk) => desk.transfer(OPEN, "bo"),
    isShown: (desk) => !inList(desk, "open").includes(OPEN),
  },
  taken: {
    late: "inbox",
    ask: lists,
    act: (desk) => desk.take(WAITING),
    isShown: (desk) => !inList(desk, "queued").includes(WAITING) && inList(desk, "open").includes(WAITING),
  },
  "set to away": {
    late: "presence",
    ask: (desk) => desk.setPresence("online"),
    act: (desk) => desk.setPresence("away"),
    isShown: (desk) => desk.getSnapshot().presence === "away",
  },
  noted: {
    late: "notes",
    ask: (desk) => desk.notes.read(OPEN),
    act: (desk) => desk.notes.write(OPEN, "Regular"),
    isShown: (desk) =>
      desk
        .getSnapshot()
        .notes.get(OPEN)
        ?.some(({ text }) => text === "Regular") ?? false,
  },
  blocked: {
    late: "blocks",
    ask: (desk) => desk.blocking.refresh(),
    act: (desk) => desk.blocking.block(OPEN, 60, "Insults"),
    isShown: (desk) => desk.getSnapshot().blocks.length === 1,
  },
};

test("who is a colleague's by now does not come back to the queue by a list that was asked for before", async () => {
  const { desk, clock, server, disturb, calm } = await deskAtWork();
  disturb({ latency: (frame) => (frame?.action === "inbox" ? 4_000 : 20) });
  desk.refreshInbox("queued");
  await clock.advance(1_000);
  calm();
  server.pushToAll({ action: "waiting", ...waitingIn(desk), status: "open", seller_id: "bo", seq: 4 });
  await clock.advance(1_000);
  expect(desk.getSnapshot().inbox.queued).toEqual([]);

  await clock.advance(4_000);

  expect(desk.getSnapshot().inbox.queued).toEqual([]);
});

test.each(Object.entries(ACTS))(
  "what the seller has %s stays so, whatever an answer tells that was asked for before",
  async (_, { late, ask, act, isShown }) => {
    const { desk, clock, disturb, calm } = await deskAtWork();
    disturb({ latency: (frame) => (frame?.action === late ? 4_000 : 20) });
    ask(desk);
    await clock.advance(1_000);
    calm();
    const done = Promise.resolve(act(desk, clock.now()));
    await clock.advance(1_500);
    await done;
    expect(isShown(desk)).toBe(true);
    const seen: boolean[] = [];
    desk.subscribe(() => seen.push(isShown(desk)));

    await clock.advance(70_000);

    expect(seen).not.toContain(false);
    expect(seen.length).toBeGreaterThan(0);
  },
);
