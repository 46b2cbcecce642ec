import { expect, it } from "vitest";
import { noteOf } from "../../src/console/conversation/lifecycle-notes";
import type { UserInfo } from "../../src/core";

const identified = (user_info: UserInfo) =>
  noteOf(
    { seq: 3, kind: "identified", from: "visitor-c1", timestamp: "2026-11-23T10:00:00.000Z", user_info },
    "ana",
    [],
  );

it.each([
  ["system", "The visitor waits in the queue."],
  ["visitor-c1", "The visitor waits in the queue."],
  ["ana", "Handed over to a team, for which the visitor waits."],
])("a chat that begins to wait by %s says so", (from, line) => {
  expect(noteOf({ seq: 3, kind: "queued", from, timestamp: "2026-11-23T10:00:00.000Z" }, "ana", [])).toBe(line);
});

it.each([
  [{ page: "https://shop.test/cart" }, "The visitor looks at https://shop.test/cart"],
  [{ name: "Ada Lovelace", plan: "gold" }, "The page now says: name Ada Lovelace, plan gold."],
  [
    { cart: { items: 3 }, page: "https://shop.test/cart" },
    "The page now says: cart. The visitor looks at https://shop.test/cart",
  ],
])("what a page tells in the middle of a chat is said in a line: %j", (told, line) => {
  expect(identified(told)).toBe(line);
});
