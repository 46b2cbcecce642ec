import { expect, test } from "vitest";
import { newContact } from "../../world/server/contact";
import { createWorld, SELLER, type World } from "../../world/world";

async function deskWith(texts: readonly string[]) {
  const world = createWorld();
  for (const [place, text] of texts.entries()) chatOf(world, `contact-${place}`, text);
  const { desk } = world.sellerTab();
  desk.open();
  await world.clock.advance(5_000);
  const found = () => desk.getSnapshot().search?.found.map(({ contact_id }) => contact_id);
  return { ...world, desk, found };
}

function chatOf({ server }: World, id: string, text: string): void {
  server.contacts.set(id, newContact(id, `device-${id}`, SELLER, { seller: SELLER, status: "open" }));
  server.append(id, { kind: "opened", from: `visitor-${id}`, id: "open", user_info: { name: "Ada" } });
  server.say(id, "visitor", text);
}

test("a search goes on by itself until enough is found, and further back when it is asked to", async () => {
  const { desk, found, clock, frames } = await deskWith(Array.from({ length: 40 }, () => "A blue cup"));
  desk.searching.find("  blue   cup ");
  await clock.advance(5_000);
  expect(desk.getSnapshot().search).toMatchObject({ query: "blue cup", isUnderWay: false, hasMore: true });
  expect(found()?.length).toBe(12);
  desk.searching.more();
  await clock.advance(5_000);
  expect(found()?.length).toBe(24);
  expect(new Set(found()).size).toBe(24);
  expect(frames("search").every(({ query }) => query === "blue cup")).toBe(true);
});

test("a search for what is nowhere asks ten times at most before it waits to be asked on", async () => {
  const { desk, clock, frames } = await deskWith(Array.from({ length: 40 }, () => "Hay"));
  desk.searching.find("needle");
  await clock.advance(60_000);
  expect(frames("search").length).toBe(10);
  expect(desk.getSnapshot().search).toMatchObject({ found: [], isUnderWay: false, hasMore: true });
});

test("an answer to what is not looked for any more is dropped", async () => {
  const { desk, found, clock } = await deskWith(["A blue cup", "A red mug"]);
  desk.searching.find("cup");
  desk.searching.find("mug");
  await clock.advance(5_000);
  expect(found()).toEqual(["contact-1"]);
});

test.each(["", " ", "x"])("%j ends a search and asks nothing", async (text) => {
  const { desk, clock, frames } = await deskWith(["A blue cup"]);
  desk.searching.find("cup");
  await clock.advance(5_000);
  desk.searching.find(text);
  await clock.advance(5_000);
  expect(desk.getSnapshot().search).toBeUndefined();
  expect(frames("search").length).toBe(1);
});

test("a search outlives a lost connection and an overloaded server", async () => {
  const { desk, found, clock, server, disturb, calm } = await deskWith(["A blue cup"]);
  disturb({ refuses: ({ action }) => (action === "search" ? "try_again" : undefined) });
  desk.searching.find("cup");
  await clock.advance(2_000);
  expect(desk.getSnapshot().search?.isUnderWay).toBe(true);
  server.cutAll();
  calm();
  await clock.advance(60_000);
  expect(found()).toEqual(["contact-0"]);
});

test("where there is no search the seller is told so, and it is not asked for again and again", async () => {
  const { desk, clock, server, frames } = await deskWith(["A blue cup"]);
  server.hasSearch = false;
  desk.searching.find("cup");
  await clock.advance(60_000);
  expect(desk.getSnapshot().search).toMatchObject({ isUnderWay: false, failure: "unknown_action" });
  expect(frames("search").length).toBe(1);
});
