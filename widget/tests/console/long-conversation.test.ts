// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { DRAWN } from "../../src/console/conversation/window";
import { createWorld } from "../world/world";
import { visitorOf } from "./chats";
import { choose, deskPage, drawn, find, leave, listed } from "./desk-page";

afterEach(leave);

const ROW_PX = 50;

/** A chat with so many messages, which is open. */
async function longChat(messages: number) {
  const world = createWorld();
  const page = await deskPage({ world });
  await visitorOf(world, "Ada");
  const [contact = ""] = world.server.contacts.keys();
  await choose(listed()[0] ?? "");
  const log = world.server.contacts.get(contact)?.log ?? [];
  for (let number = 1; number <= messages; number++) {
    const from = number % 3 ? `visitor-${contact}` : "123456";
    const timestamp = new Date(world.clock.now()).toISOString();
    log.push({ seq: log.length + 1, kind: "message", from, id: `m${number}`, timestamp, message: `Message ${number}` });
  }
  world.server.say(contact, "visitor", "The newest");
  for (let page = 0; page * 5 <= messages; page += 100) await world.clock.advance(10_000);
  await page.settle(5_000);
  return { ...page, contact };
}

const shown = () => [...document.querySelectorAll(".conversation .bubble")].map(({ textContent }) => textContent ?? "");
const nodes = () => document.querySelectorAll("*").length;

/** As a browser that lays out: each row as high as the other, and a list that counts from its end. */
async function scrollTo(distance: number): Promise<void> {
  const list = find<HTMLElement>(".messages");
  const rows = [...document.querySelectorAll<HTMLElement>(".rows > *")];
  const below = Number.parseFloat(find<HTMLElement>(".conversation").style.getPropertyValue("--below"));
  rows.forEach((row, place) => {
    row.getBoundingClientRect = () => ({ top: place * ROW_PX, bottom: (place + 1) * ROW_PX }) as DOMRect;
  });
  Object.defineProperty(list, "scrollHeight", { configurable: true, value: rows.length * ROW_PX + below });
  Object.defineProperty(list, "clientHeight", { configurable: true, value: 800 });
  Object.defineProperty(list, "scrollTop", { configurable: true, writable: true, value: -distance });
  list.dispatchEvent(new Event("scroll"));
  await drawn();
}

const height = () => find<HTMLElement>(".messages").scrollHeight;

describe("a long conversation", () => {
  it("is drawn in part, the newest first", async () => {
    await longChat(1_500);
    expect(nodes()).toBeLessThan(1_500);
    expect(shown().at(-1)).toContain("The newest");
  }, 60_000);

  it("shows what came before to who scrolls up, and stays as small", async () => {
    await longChat(600);
    await scrollTo(DRAWN * ROW_PX - 900);
    const numbers = () => shown().map((text) => Number(/Message (\d+)/.exec(text)?.[1] ?? 0));
    const before = Math.min(...numbers().filter(Boolean));
    for (let time = 0; time < 5; time++) await scrollTo(height() + 40 * ROW_PX - 900);
    expect(Math.min(...numbers().filter(Boolean))).toBeLessThan(before);
    expect(nodes()).toBeLessThan(1_500);
    // In their order, without a hole but the one before the last line of all.
    const drawnNumbers = numbers().slice(0, -1);
    expect(drawnNumbers).toEqual([...drawnNumbers].sort((one, other) => one - other));
    expect(shown().at(-1)).toContain("The newest");
  }, 60_000);

  it("comes back to its end, where what is new is seen", async () => {
    const page = await longChat(600);
    await scrollTo(DRAWN * ROW_PX - 900);
    expect(find(".messages").getAttribute("aria-live")).toBe("off");
    await scrollTo(0);
    page.server.say(page.contact, "visitor", "And one more");
    await page.settle(3_000);
    expect(shown().at(-1)).toContain("And one more");
    expect(find(".messages").getAttribute("aria-live")).toBe("polite");
  }, 60_000);
});
