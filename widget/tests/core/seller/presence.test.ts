import { describe, expect, test } from "vitest";
import { createSellerDesk } from "../../../src/core";
import { createDevice } from "../../world/device";
import { createWorld, SELLER } from "../../world/world";

const MINUTE = 60_000;

async function deskAtWork() {
  const world = createWorld();
  const seller = world.sellerTab();
  seller.desk.open();
  seller.desk.setPresence("online");
  await world.clock.advance(1_000);
  return { ...world, ...seller };
}

describe("a seller who is online", () => {
  test("says so again every minute, and stays there longer than the server believes him once", async () => {
    const { clock, server, frames } = await deskAtWork();
    await clock.advance(3_000);
    for (let minute = 1; minute <= 5; minute++) {
      await clock.advance(MINUTE);
      expect(server.isThere(SELLER)).toBe(true);
      expect(frames("inbox").filter(({ beat }) => beat).length).toBe(minute);
    }
    expect(frames("presence").length).toBe(1);
  });

  test("says so by itself where the server does not hear it beside the lists", async () => {
    const { clock, server, frames, disturb } = await deskAtWork();
    disturb({ isOlder: () => true });
    for (let minute = 1; minute <= 5; minute++) {
      await clock.advance(MINUTE);
      expect(server.isThere(SELLER)).toBe(true);
    }
    expect(frames("presence").length).toBe(5);
  });

  test("stays there over every time-out of the server: presence, idle connections, two hours", async () => {
    const { clock, server, desk, chattingTab } = await deskAtWork();
    server.needsPresence = true;
    for (let minute = 0; minute < 5 * 60; minute++) {
      await clock.advance(MINUTE);
      expect(server.isThere(SELLER)).toBe(true);
    }
    await chattingTab();
    expect(desk.getSnapshot()).toMatchObject({ connection: "online", presence: "online" });
    expect(desk.getSnapshot().inbox.open.length).toBe(1);
  });

  test("is given what has waited for him", async () => {
    const { clock, server, sellerTab, chattingTab, contact } = createWorld();
    server.needsPresence = true;
    await chattingTab();
    expect(contact().status).toBe("queued");
    const { desk } = sellerTab();
    desk.open();
    desk.setPresence("online");
    await clock.advance(1_000);
    expect(contact()).toMatchObject({ status: "open", seller: SELLER });
  });

  test("survives two heartbeats that are lost", async () => {
    const { clock, server, disturb, calm } = await deskAtWork();
    await clock.advance(MINUTE);
    disturb({ losesFrame: () => true });
    await clock.advance(100_000);
    calm();
    for (let second = 0; second < 120; second++) {
      await clock.advance(1_000);
      expect(server.isThere(SELLER)).toBe(true);
    }
  });

  test("says so again when the server asks to try again", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    disturb({ refuses: ({ action }) => (action === "presence" ? "try_again" : undefined) });
    const { desk } = sellerTab();
    desk.open();
    desk.setPresence("online");
    await clock.advance(200);
    calm();
    await clock.advance(5_000);
    expect(server.isThere(SELLER)).toBe(true);
    expect(desk.getSnapshot()).toMatchObject({ presence: "online", problem: undefined });
  });

  test("says so at once when his computer wakes", async () => {
    const { clock, frames, focus } = await deskAtWork();
    await clock.advance(50_000);
    focus();
    await clock.advance(100);
    expect(frames("inbox").filter(({ beat }) => beat).length).toBe(1);
  });

  test("says so once, however often he looks while the answer is under way", async () => {
    const { clock, frames, focus, disturb } = await deskAtWork();
    await clock.advance(50_000);
    disturb({ losesReply: () => true });
    for (let look = 0; look < 3; look++) {
      focus();
      await clock.advance(1_000);
    }
    expect(frames("inbox").filter(({ beat }) => beat).length).toBe(1);
  });

  test("is told what is wrong when he is not registered", async () => {
    const { clock, sellerTab, disturb } = createWorld();
    disturb({ refuses: ({ action }) => (action === "presence" ? "unknown_seller" : undefined) });
    const { desk } = sellerTab();
    desk.open();
    desk.setPresence("online");
    await clock.advance(1_000);
    expect(desk.getSnapshot().problem?.code).toBe("unknown_seller");
  });
});

describe("a seller who is gone", () => {
  test("says nothing while the connection is down, and is taken for gone", async () => {
    const { clock, server, frames, disturb } = await deskAtWork();
    disturb({ mayOpen: () => false });
    server.cutAll();
    server.received.length = 0;
    await clock.advance(151_000);
    expect(frames("presence")).toEqual([]);
    expect(server.isThere(SELLER)).toBe(false);
  });

  test("leaves no timer behind when he woke up without a connection and closed the desk", async () => {
    const { clock, sellerTab, disturb, server } = createWorld();
    const tab = sellerTab();
    const timers = new Set<object>();
    const counting = {
      now: clock.now,
      after: (milliseconds: number, callback: () => void) => {
        const timer = {};
        timers.add(timer);
        const cancel = clock.after(milliseconds, () => {
          timers.delete(timer);
          callback();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    };
    const options = {
      sellerId: SELLER,
      socketUrl: "wss://chat.test/local",
      credentials: async () => ({ token: "good" }),
    };
    const desk = createSellerDesk(options, { ...tab.ports, clock: counting });
    desk.open();
    desk.setPresence("online");
    await clock.advance(1_000);
    disturb({ mayOpen: () => false });
    server.cutAll();
    tab.focus();
    desk.destroy();
    await clock.advance(100);
    expect(timers.size).toBe(0);
  });

  test("says nothing once the desk is closed", async () => {
    const { clock, server, frames, desk } = await deskAtWork();
    desk.destroy();
    server.received.length = 0;
    await clock.advance(5 * MINUTE);
    expect(frames("presence")).toEqual([]);
  });
});

describe("what a seller says in one tab", () => {
  test("holds in his other tabs, which would contradict it a minute later", async () => {
    const { clock, chance, server, sellerTab } = createWorld();
    const device = createDevice(clock, chance, server);
    const [first, second] = [sellerTab({}, device), sellerTab({}, device)];
    for (const { desk } of [first, second]) {
      desk.open();
      desk.setPresence("online");
    }
    await clock.advance(1_000);
    first.desk.setPresence("away");
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(MINUTE);
      expect(server.isThere(SELLER)).toBe(false);
      expect([first, second].map(({ desk }) => desk.getSnapshot().presence)).toEqual(["away", "away"]);
    }
  });
});

describe("what a seller says on one device", () => {
  test.each([true, false])("holds on the others, whether or not the push arrives (lost: %s)", async (isLost) => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const [desk, phone] = [sellerTab().desk, sellerTab().desk];
    for (const each of [desk, phone]) each.open();
    desk.setPresence("online");
    await clock.advance(30_000);
    if (isLost) disturb({ losesPush: () => true });
    phone.setPresence("away");
    await clock.advance(1_000);
    calm();
    if (isLost) await clock.advance(MINUTE);
    expect([desk, phone].map((each) => each.getSnapshot().presence)).toEqual(["away", "away"]);
    await clock.advance(3 * MINUTE);
    expect(server.isThere(SELLER)).toBe(false);
    expect([desk, phone].map((each) => each.getSnapshot().presence)).toEqual(["away", "away"]);
  });

  test.each(["online", "away"] as const)("%s is still so after a reload, and is kept up", async (status) => {
    const { clock, server, sellerTab } = createWorld();
    const before = sellerTab().desk;
    before.open();
    before.setPresence(status);
    await clock.advance(1_000);
    before.destroy();
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(5 * MINUTE);
    expect(desk.getSnapshot().presence).toBe(status);
    expect(server.isThere(SELLER)).toBe(status === "online");
  });
});

test("what was said last holds, in whatever order the server handled it", async () => {
  const { clock, server, desk, disturb } = await deskAtWork();
  const delays = [500, 20, 20, 20];
  disturb({ latency: () => delays.shift() ?? 20 });
  desk.setPresence("online");
  desk.setPresence("away");
  await clock.advance(2_000);
  expect(server.isThere(SELLER)).toBe(false);
  expect(desk.getSnapshot().presence).toBe("away");
});
