import { expect, test } from "vitest";
import { type ClientFrame, createVisitorChat, type VisitorChat } from "../../src/core";
import { createDevice } from "../world/device";
import { createWorld, SELLER, type World } from "../world/world";

const SECOND = 1_000;
const CHATS = 5;
const ANSWERS = 10;

/**
 * What people's clients send and are sent while a seller has five chats of twenty messages in ten minutes.
 * `make bench` reckons from this file what a chat costs; a frame more is a change of that.
 */
test("a chat of twenty messages takes as many frames as its price is reckoned from", async () => {
  const world = createWorld();
  const { clock, server, sellerTab } = world;
  const { desk } = sellerTab();
  desk.open();
  desk.setPresence("online");
  await clock.advance(10 * SECOND);
  const visitors = Array.from({ length: CHATS }, () => visitorOf(world));
  for (const chat of visitors) {
    chat.setVisible(true);
    chat.start({ name: "Ada" });
    await clock.advance(SECOND);
  }

  for (let answer = 0; answer < ANSWERS; answer++) {
    for (const chat of visitors) {
      await write(() => chat.typing());
      chat.send("Is this one still there?");
      await clock.advance(2 * SECOND);
      const id = chat.getSnapshot().conversation?.contactId ?? "";
      desk.setVisible(id);
      await write(() => desk.typing(id));
      desk.send(id, "Yes, in three colours.");
      await clock.advance(2 * SECOND);
    }
  }
  for (const { id } of server.contacts.values()) void desk.close(id);
  await clock.advance(2 * SECOND);

  async function write(press: () => void): Promise<void> {
    for (let key = 0; key < 4; key++) {
      press();
      await clock.advance(SECOND);
    }
  }

  expect([...server.contacts.values()].map(({ log }) => log.filter(({ kind }) => kind === "message").length)).toEqual(
    Array(CHATS).fill(2 * ANSWERS),
  );
  const counts = { chats: CHATS, messages: 2 * ANSWERS, visitor: sent("visitor"), seller: sent("seller") };
  await expect(`${JSON.stringify(counts, undefined, 2)}\n`).toMatchFileSnapshot(
    "../../../tests/bench/chat_of_twenty.json",
  );

  function sent(role: "visitor" | "seller"): Record<string, number> {
    const frames: Record<string, number> = {};
    const marks = new Map<string, number>();
    for (const { person, frame } of server.received) {
      if (person.role !== role) continue;
      const name = nameOf(frame, marks);
      frames[name] = (frames[name] ?? 0) + 1;
    }
    return frames;
  }
});

/** By what it costs; `marks` are those of each contact before it. */
function nameOf(frame: ClientFrame, marks: Map<string, number>): string {
  if (isReceipt(frame, marks)) return "typing, with a receipt";
  if (frame.action !== "inbox") return frame.action;
  if (frame.beat) return "inbox, every minute";
  if (frame.queued) return frame.tails ? "inbox, with tails and the queue" : "inbox, with the queue";
  return frame.tails ? "inbox, with tails" : "inbox";
}

/** Whether it is no receipt of its own and carries one. */
function isReceipt(frame: ClientFrame, marks: Map<string, number>): boolean {
  if (frame.action !== "typing" && frame.action !== "receipt") return false;
  const { action, contact_id, delivered = 0, read = 0 } = frame;
  const before = marks.get(contact_id) ?? 0;
  marks.set(contact_id, Math.max(before, delivered + read));
  return action === "typing" && delivered + read > before;
}

/** On a device of their own. */
function visitorOf({ clock, chance, server }: World): VisitorChat {
  const { ports } = createDevice(clock, chance, server).openTab();
  return createVisitorChat({ sellerId: SELLER, socketUrl: "wss://chat.test/local" }, ports);
}
