import { describe, expect, test } from "vitest";
import type { Network } from "../world/device";
import { createWorld, texts } from "../world/world";

/** A tab that can use storage and the other tabs, but reaches no server. */
const CUT_OFF: Network = {
  sockets: {
    open: () => ({ send() {}, close() {} }),
  },
  http: { request: () => Promise.reject(new TypeError("Failed to fetch")) },
};

describe("two tabs of one device", () => {
  test("show a message that was sent in one of them, once each", async () => {
    const { clock, chattingTab } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    first.chat.send("Hello");
    await clock.advance(1_000);
    expect(first.shown()).toEqual(["opened", "assigned", "Hello"]);
    expect(second.shown()).toEqual(["opened", "assigned", "Hello"]);
  });

  test("tell each other what the server did not get through", async () => {
    const { clock, chattingTab, disturb } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    disturb({ losesPush: () => true });
    first.chat.send("Hello");
    await clock.advance(1_000);
    expect(second.shown()).toEqual(["opened", "assigned", "Hello"]);
  });

  test("show each other's messages while they are on their way", async () => {
    const { clock, chattingTab, disturb } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    disturb({ latency: () => 1_000 });
    first.chat.send("Hello");
    await clock.advance(10);
    expect(second.outgoing()).toEqual(["Hello: sending"]);
    await clock.advance(5_000);
    expect(second.outgoing()).toEqual([]);
  });

  test("send each message from one of them only", async () => {
    const { clock, chattingTab, frames, contact } = createWorld();
    const tabs = [await chattingTab(), await chattingTab(), await chattingTab()];
    for (let round = 0; round < 10; round++) for (const tab of tabs) tab.chat.send("Hello");
    await clock.advance(10_000);
    expect(frames("sendMessage").length).toBe(30);
    expect(contact().log.length).toBe(32);
    for (const tab of tabs) {
      expect(tab.shown().length).toBe(32);
      expect(tab.outgoing()).toEqual([]);
    }
  });

  test("send what the one that was closed had not sent yet", async () => {
    const { clock, chattingTab, contact, disturb, calm } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    disturb({ losesFrame: () => true });
    first.chat.send("one");
    first.chat.send("two");
    await clock.advance(100);
    first.kill();
    calm();
    await clock.advance(15_000);
    expect(texts(contact().log)).toEqual(["one", "two"]);
    expect(second.shown()).toEqual(["opened", "assigned", "one", "two"]);
  });

  test("send what the one without a connection could not", async () => {
    const { clock, chattingTab, visitorTab, contact } = createWorld();
    await chattingTab();
    const cutOff = visitorTab({}, CUT_OFF);
    cutOff.chat.open();
    cutOff.chat.send("From the dark");
    await clock.advance(1_000);
    expect(texts(contact().log)).toEqual(["From the dark"]);
    expect(cutOff.outgoing()).toEqual(["From the dark: sent"]);
  });

  test("do not wait for one that the system has suspended while it was sending", async () => {
    const { clock, chattingTab, contact, device } = createWorld();
    const suspended = device.openTab();
    suspended.ports.locks.acquire("seller-chat:123456:outbox", () => {});
    await clock.advance(1);
    const tab = await chattingTab();
    tab.chat.send("Hello");
    await clock.advance(10_000);
    expect(texts(contact().log)).toEqual([]);
    await clock.advance(6_000);
    expect(texts(contact().log)).toEqual(["Hello"]);
  });

  test("wait for one that is suspended only once", async () => {
    const { clock, chattingTab, contact, device } = createWorld();
    device.openTab().ports.locks.acquire("seller-chat:123456:outbox", () => {});
    await clock.advance(1);
    const tab = await chattingTab();
    tab.chat.send("one");
    await clock.advance(16_000);
    for (const text of ["two", "three"]) {
      tab.chat.send(text);
      await clock.advance(100);
    }
    expect(texts(contact().log)).toEqual(["one", "two", "three"]);
  });

  test("have one chat, although both start it", async () => {
    const { clock, visitorTab, server } = createWorld();
    const tabs = [visitorTab(), visitorTab()];
    for (const tab of tabs) tab.chat.start({ name: "Ada" });
    await clock.advance(5_000);
    expect(server.contacts.size).toBe(1);
    for (const tab of tabs) expect(tab.shown()).toEqual(["opened", "assigned"]);
  });

  test("both have the chat that one of them starts", async () => {
    const { clock, visitorTab, server } = createWorld();
    const [first, second] = [visitorTab(), visitorTab()];
    first.chat.open();
    second.chat.open();
    await clock.advance(1_000);
    first.chat.start({ name: "Ada" });
    await clock.advance(5_000);
    expect(server.contacts.size).toBe(1);
    expect(second.chat.getSnapshot().phase).toBe("chatting");
  });

  test("count as read in one what was seen in the other", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    server.say(contact().id, "seller", "Hello");
    await clock.advance(100);
    expect(second.chat.getSnapshot().conversation?.unread).toBe(1);
    first.chat.setVisible(true);
    await clock.advance(100);
    expect(second.chat.getSnapshot().conversation?.unread).toBe(0);
  });

  test("retry and discard for each other", async () => {
    const { clock, chattingTab, disturb, calm, contact } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    disturb({ refuses: () => "bad_field" });
    const [kept, dropped] = [first.chat.send("kept"), first.chat.send("dropped")];
    await clock.advance(1_000);
    calm();
    second.chat.discard(dropped);
    second.chat.retry(kept);
    await clock.advance(1_000);
    expect(texts(contact().log)).toEqual(["kept"]);
    expect(first.outgoing()).toEqual([]);
  });

  test("do not bring back what the other has just discarded", async () => {
    const { clock, chattingTab, disturb, calm, contact } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    disturb({ refuses: () => "bad_field" });
    const id = first.chat.send("Hello");
    await clock.advance(1_000);
    calm();
    first.chat.discard(id);
    second.chat.retry(id);
    await clock.advance(5_000);
    expect(texts(contact().log)).toEqual([]);
    expect([...first.outgoing(), ...second.outgoing()]).toEqual([]);
  });

  test.each([{}, { failure: "unanswered" }])(
    "tidy up what one had sent that was closed too early (%j)",
    async (left) => {
      const { clock, chattingTab, device, server, contact } = createWorld();
      const tab = await chattingTab();
      tab.chat.send("Hello");
      const queued = [...device.stored].filter(([key]) => key.includes("outbox"));
      await clock.advance(1_000);
      server.say(contact().id, "seller", "Good morning");
      await clock.advance(1_000);
      for (const [key, value] of queued) {
        device.stored.set(key, JSON.stringify({ ...JSON.parse(value), attempts: 0, ...left }));
      }
      tab.focus();
      tab.chat.send("One more thing");
      await clock.advance(1_000);
      expect(texts(contact().log)).toEqual(["Hello", "Good morning", "One more thing"]);
      expect(tab.outgoing()).toEqual([]);
    },
  );

  test("forget everything when one of them is told to", async () => {
    const { clock, chattingTab, device, visitorTab } = createWorld();
    const first = await chattingTab();
    const second = await chattingTab();
    const secret = device.stored.get("seller-chat:device");
    first.chat.reset();
    await clock.advance(1_000);
    expect(first.chat.getSnapshot()).toMatchObject({ phase: "idle", conversation: undefined });
    expect(second.chat.getSnapshot()).toMatchObject({ phase: "details", conversation: undefined });
    expect(visitorTab().chat.hasSession()).toBe(false);
    expect(device.stored.get("seller-chat:device")).not.toBe(secret);
  });
});

test("a message is gone with everything else when another tab is told to forget, whenever it hears of it", async () => {
  const { clock, chattingTab, device, disturb } = createWorld();
  const first = await chattingTab();
  const second = await chattingTab();
  disturb({ losesFrame: () => true });
  first.chat.send("My card number is");
  await clock.advance(100);
  second.chat.reset();
  first.chat.send("1234");
  await clock.advance(1_000);
  expect(first.outgoing()).toEqual([]);
  expect([...device.stored.keys()].filter((key) => key.includes("outbox"))).toEqual([]);
});

test("chats with two sellers on one page do not touch each other", async () => {
  const { clock, chattingTab, server } = createWorld();
  const first = await chattingTab();
  const second = await chattingTab({ sellerId: "77" });
  second.chat.send("To 77");
  await clock.advance(1_000);
  expect(first.shown()).not.toContain("To 77");
  expect([...server.contacts.values()].map(({ seller }) => seller)).toEqual(["123456", "77"]);
  expect(second.shown()).toContain("To 77");
});

test("a destroyed chat closes its socket and leaves what is stored", async () => {
  const { clock, chattingTab, visitorTab, server } = createWorld();
  const tab = await chattingTab();
  tab.chat.destroy();
  await clock.advance(60_000);
  expect(server.connections()).toBe(0);
  expect(tab.chat.getSnapshot().connection).toBe("idle");
  expect(visitorTab().chat.hasSession()).toBe(true);
});
