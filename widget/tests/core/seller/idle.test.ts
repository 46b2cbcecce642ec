import { expect, test } from "vitest";
import { newContact } from "../../world/server/contact";
import { createWorld, SELLER } from "../../world/world";

const HOUR_MS = 3_600_000;

/** How often the console of a seller with so many open chats asks for something in an hour in which nothing happens. */
async function askedInAnHour(chats: number): Promise<Readonly<Record<string, number>>> {
  const { server, clock, sellerTab } = createWorld();
  for (let number = 0; number < chats; number++) {
    const id = `contact-${number}`;
    server.contacts.set(id, newContact(id, `device-${number}`, SELLER, { seller: SELLER, status: "open" }));
    server.append(id, {
      kind: "opened",
      from: `visitor-${id}`,
      id: "open.opened",
      user_info: { name: `Visitor ${id}` },
    });
    server.append(id, { kind: "assigned", from: "system", id: "open", seller_id: SELLER });
    server.say(id, "visitor", "Hello");
  }
  sellerTab().desk.open();
  await clock.advance(5 * 60_000);
  server.received.length = 0;
  await clock.advance(HOUR_MS);
  const asked: Record<string, number> = {};
  for (const { frame } of server.received) asked[frame.action] = (asked[frame.action] ?? 0) + 1;
  return asked;
}

test("a console that nobody writes to asks as often with twenty chats as with none, and with two hundred for one page more", async () => {
  const [none, twenty, many] = await Promise.all([0, 20, 200].map(askedInAnHour));
  expect(twenty).toEqual(none);
  expect(none?.inbox).toBe(60);
  expect(many).toEqual({ ...none, inbox: 120 });
});
