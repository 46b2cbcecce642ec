import { describe, expect, it, vi } from "vitest";
import { createAlerts } from "../../src/console/alerts/alerts";
import { createMemory } from "../../src/console/alerts/memory";
import { unreadIn } from "../../src/console/inbox/contacts";
import type { Preferences } from "../../src/console/settings/preferences";
import { createWorld, type World } from "../world/world";
import { deskWithChats, visitorOf } from "./chats";
import { claimsBy, LOUD, storage } from "./working-seller";

function listener(stored = storage(), preferences = LOUD) {
  const calls = {
    beep: vi.fn(),
    notify: vi.fn(),
    setTitle: vi.fn(),
    setDot: vi.fn(),
  };
  const seen = createMemory("seen", stored);
  return { calls, seen, alerts: createAlerts(calls, claimsBy(createMemory("heard", stored)), seen), preferences };
}

/** A desk that nobody has touched, and what its seller hears. */
async function quietDesk() {
  const world: World = createWorld();
  const { desk } = world.sellerTab();
  desk.open();
  await world.clock.advance(5_000);
  const heard = listener();
  desk.subscribe(() => heard.alerts.follow(desk.getSnapshot(), LOUD));
  return { world, desk, ...heard };
}

async function alerted(preferences: Preferences) {
  const { world, desk } = await deskWithChats(["Ada"]);
  const { alerts, calls } = listener(storage(), preferences);
  alerts.follow(desk.getSnapshot(), preferences);
  alerts.follow(desk.getSnapshot(), preferences);
  return { world, desk, calls };
}

describe("alerts", () => {
  it("call once for a message that nobody has seen", async () => {
    const { world, desk, calls } = await alerted(LOUD);
    expect(unreadIn(desk.getSnapshot())).toBe(1);
    expect(calls.beep).toHaveBeenCalledOnce();
    expect(calls.notify.mock.calls).toEqual([["Ada", "Hello from Ada", world.contact().id]]);
    expect(calls.setTitle).toHaveBeenLastCalledWith("(1) Seller Chat");
    expect(calls.setDot).toHaveBeenLastCalledWith(true);
  });

  it("can each be switched off", async () => {
    const { calls } = await alerted({ ...LOUD, sound: false, notifications: false, titleBadge: false });
    expect(calls.beep).not.toHaveBeenCalled();
    expect(calls.notify).not.toHaveBeenCalled();
    expect(calls.setTitle).toHaveBeenLastCalledWith("Seller Chat");
  });

  it("call within a second for a new visitor whom the seller has never opened, and for each message", async () => {
    const { world, desk, calls } = await quietDesk();
    const visitors = [await visitorOf(world, "Ada"), await visitorOf(world, "Grace")];
    calls.notify.mockClear();
    for (const visitor of visitors) {
      visitor.send("Are you there?");
      await world.clock.advance(1_000);
      visitor.send("Hello?");
      await world.clock.advance(1_000);
    }
    expect(calls.notify.mock.calls.map(([name, text]) => [name, text])).toEqual([
      ["Ada", "Are you there?"],
      ["Ada", "Hello?"],
      ["Grace", "Are you there?"],
      ["Grace", "Hello?"],
    ]);
    expect(unreadIn(desk.getSnapshot())).toBe(4);
  });

  it("call for a chat that began without a message, and count it until the seller has looked", async () => {
    const { world, desk, calls, seen } = await quietDesk();
    await visitorOf(world, "Ada");
    expect(calls.notify.mock.calls).toEqual([["Ada", "New chat", world.contact().id]]);
    expect(calls.setTitle).toHaveBeenLastCalledWith("(1) Seller Chat");
    seen.note(world.contact().id, 2);
    expect(unreadIn(desk.getSnapshot(), seen)).toBe(0);
  });

  it("do not call again after a reload for what they have called for, and do for what came meanwhile", async () => {
    const { world, desk } = await deskWithChats(["Ada"]);
    const stored = storage();
    listener(stored).alerts.follow(desk.getSnapshot(), LOUD);
    const { alerts, calls } = listener(stored);
    alerts.follow(desk.getSnapshot(), LOUD);
    expect(calls.beep).not.toHaveBeenCalled();
    world.server.say(world.contact().id, "visitor", "Hello?");
    await world.clock.advance(1_000);
    alerts.follow(desk.getSnapshot(), LOUD);
    expect(calls.notify.mock.calls).toEqual([["Ada", "Hello?", world.contact().id]]);
  });

  it("of two tabs call in one", async () => {
    const { desk } = await deskWithChats(["Ada"]);
    const stored = storage();
    const tabs = [listener(stored), listener(stored)];
    for (const { alerts } of tabs) alerts.follow(desk.getSnapshot(), LOUD);
    expect(tabs.map(({ calls }) => calls.beep.mock.calls.length)).toEqual([1, 0]);
  });
});

describe("what a device remembers", () => {
  it.each(["nonsense", "5", "{}", "null", '[1, ["a"], ["b", "c"], null]'])("survives %s in its place", (text) => {
    const memory = createMemory("key", { ...storage(), getItem: () => text });
    expect(memory.newest("a")).toBe(0);
    expect(memory.note("a", 1)).toBe(true);
  });

  it("is so much that it never grows without end", () => {
    const stored = storage();
    const memory = createMemory("key", stored);
    for (let number = 0; number < 1_000; number++) memory.note(`contact-${number}`, 1);
    expect(memory.newest("contact-999")).toBe(1);
    expect(JSON.parse(stored.getItem("key") ?? "").length).toBe(500);
  });
});
