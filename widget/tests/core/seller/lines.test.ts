import { expect, test } from "vitest";
import { rowsOfInbox } from "../../../src/console/inbox/contacts";
import type { SellerDesk } from "../../../src/core";
import { createDevice } from "../../world/device";
import { newContact } from "../../world/server/contact";
import { createWorld, SELLER } from "../../world/world";

/** Three visitors: one waits for an answer, one has been answered, one has left. */
function worldWithChats() {
  const world = createWorld();
  const { server, clock } = world;
  const [waits, answered, left] = ["Ada", "Bo", "Cy"].map((name) => {
    const id = `contact-${name}`;
    server.contacts.set(id, newContact(id, `device-${name}`, SELLER, { seller: SELLER, status: "open" }));
    server.append(id, { kind: "opened", from: `visitor-${id}`, id: "open.opened", user_info: { name } });
    server.append(id, { kind: "assigned", from: "system", id: "open", seller_id: SELLER });
    server.say(id, "visitor", `Hello from ${name}`);
    return id;
  }) as [string, string, string];
  server.say(answered, "seller", "Good morning");
  server.append(left, { kind: "closed", from: SELLER, id: "bye" });
  return { ...world, waits, answered, left, clock };
}

const rowsOf = (desk: SellerDesk) =>
  (["open", "closed"] as const).map((status) => rowsOfInbox(desk.getSnapshot(), status));

test("after a reload the lists show the same rows as before it, and ended chats are not read for that", async () => {
  const { sellerTab, clock, server, frames, left, chance } = worldWithChats();
  const before = sellerTab();
  before.desk.open();
  await clock.advance(1_000);
  before.desk.refreshInbox("closed");
  await clock.advance(5_000);
  before.desk.read(left);
  await clock.advance(5_000);
  const read = rowsOf(before.desk);
  before.desk.destroy();
  server.received.length = 0;

  const after = sellerTab({}, createDevice(clock, chance, server));
  after.desk.open();
  await clock.advance(1_000);
  after.desk.refreshInbox("closed");
  await clock.advance(5_000);

  expect(rowsOf(after.desk)).toEqual(read);
  expect(frames("sync").filter(({ contact_id }) => contact_id === left)).toEqual([]);
  expect(read.flat().map(({ name, writer, preview }) => [name, writer, preview])).toEqual([
    ["Ada", undefined, "Hello from Ada"],
    ["Bo", "You", "Good morning"],
    ["Cy", undefined, "Hello from Cy"],
  ]);
});

test("a row is whole before its conversation was read", async () => {
  const { sellerTab, clock, server, waits } = worldWithChats();
  const { desk } = sellerTab();
  let first: unknown;
  desk.subscribe(() => {
    const { inbox, conversations } = desk.getSnapshot();
    if (inbox.open.length > 0 && !conversations.get(waits)?.loaded)
      first ??= rowsOfInbox(desk.getSnapshot(), "open")[0];
  });
  desk.open();
  await clock.advance(5_000);
  expect(first).toMatchObject({
    name: "Ada",
    preview: "Hello from Ada",
    unread: 1,
    waitsSince: Date.parse(server.contacts.get(waits)?.log[2]?.timestamp ?? ""),
    isKnown: true,
  });
});

test("only the first look at a list over a connection asks for lines, the rounds do not", async () => {
  const { sellerTab, clock, frames } = worldWithChats();
  sellerTab().desk.open();
  await clock.advance(10 * 60_000);
  const asked = frames("inbox").map(({ status, lines }) => [status, lines ?? false]);
  expect(asked.filter(([, lines]) => lines)).toEqual([
    ["open", true],
    ["queued", true],
  ]);
  expect(asked.length).toBeGreaterThan(10);
});

test("a contact of which the server knows no line is read to be named, as before", async () => {
  const { sellerTab, clock, server, left } = worldWithChats();
  const contact = server.contacts.get(left);
  if (contact) contact.expired = contact.log.length;
  const { desk } = sellerTab();
  desk.open();
  await clock.advance(1_000);
  desk.refreshInbox("closed");
  await clock.advance(5_000);
  expect(rowsOfInbox(desk.getSnapshot(), "closed")).toMatchObject([{ isKnown: false, preview: undefined }]);
});
