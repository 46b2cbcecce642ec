// @vitest-environment happy-dom
import "preact/debug";
import { afterEach, expect, it, vi } from "vitest";
import { choose, deskPageWith, leave, write } from "./desk-page";

afterEach(() => {
  leave();
  vi.restoreAllMocks();
});

it("a reply that the seller keeps and the team shares, too, is offered as two", async () => {
  const complained = vi.spyOn(console, "error");
  const page = await deskPageWith(["Ada"]);
  await choose("Ada");
  await page.settle();
  void page.desk.sharedReplies.add("hello", "Hello {name}, how can I help you?");
  await page.settle();
  await write("/hello");
  expect([...document.querySelectorAll(".offers b")].map(({ textContent }) => textContent)).toEqual([
    "/hello",
    "/hello",
  ]);
  expect(complained.mock.calls.filter(([said]) => /same key/.test(String(said)))).toEqual([]);
});
