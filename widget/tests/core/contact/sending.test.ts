import { describe, expect, test } from "vitest";
import { createVisitorChat } from "../../../src/core";
import { createWorld, texts } from "../../world/world";

const MINUTE = 60_000;

describe("a message", () => {
  test("is shown as sending, and is in the conversation once acknowledged", async () => {
    const { clock, chattingTab, contact } = createWorld();
    const tab = await chattingTab();
    tab.chat.send("Hello");
    expect(tab.outgoing()).toEqual(["Hello: sending"]);
    await clock.advance(100);
    expect(tab.outgoing()).toEqual([]);
    expect(tab.shown()).toEqual(["opened", "assigned", "Hello"]);
    expect(texts(contact().log)).toEqual(["Hello"]);
  });

  test("goes out when the chat has started, if it was written before", async () => {
    const { clock, visitorTab, contact } = createWorld();
    const tab = visitorTab();
    tab.chat.send("Early");
    await clock.advance(1_000);
    expect(tab.outgoing()).toEqual(["Early: sending"]);
    tab.chat.start({ name: "Ada" });
    await clock.advance(1_000);
    expect(texts(contact().log)).toEqual(["Early"]);
  });

  test("that was cut within a character is sent with a sign in its place", async () => {
    const { clock, chattingTab, contact } = createWorld();
    const tab = await chattingTab();
    tab.chat.send("Thank you \ud83d");
    await clock.advance(100);
    expect(texts(contact().log)).toEqual(["Thank you \ufffd"]);
  });

  test.each([
    "{}",
    "5",
    "[]",
    "null",
    "nonsense",
    '{"id":"a","text":"t"}',
    '{"id":"a","text":5,"createdAt":1,"since":1,"attempts":0}',
    '{"id":"a","text":"t","createdAt":1e300,"since":1,"attempts":0}',
    '{"id":"a","text":"t","createdAt":"yesterday","since":1,"attempts":0}',
  ])("is not what another script has left in its place: %s", async (left) => {
    const { clock, chattingTab, visitorTab, device, contact } = createWorld();
    (await chattingTab()).kill();
    const key = "seller-chat:123456:outbox:000001795862000000:a";
    device.stored.set(key, left);
    const tab = visitorTab();
    tab.chat.open();
    tab.chat.send("Hello");
    await clock.advance(5_000);
    expect(tab.outgoing()).toEqual([]);
    expect(texts(contact().log)).toEqual(["Hello"]);
    expect(device.stored.has(key)).toBe(false);
  });

  test("that is stored under a key of another scheme is sent once", async () => {
    const { clock, chattingTab, visitorTab, device, contact } = createWorld();
    (await chattingTab()).kill();
    const now = clock.now();
    const message = { id: "a", text: "From an older version", createdAt: now, since: now, attempts: 0 };
    device.stored.set("seller-chat:123456:outbox:old-a", JSON.stringify(message));
    const tab = visitorTab();
    tab.chat.open();
    await clock.advance(5_000);
    expect(texts(contact().log)).toEqual(["From an older version"]);
    expect([...device.stored.keys()].filter((key) => key.includes("outbox"))).toEqual([]);
  });

  test("from a future that the clock has come back from waits without keeping the page busy", async () => {
    const { clock, chattingTab, visitorTab, device, disturb } = createWorld();
    (await chattingTab()).kill();
    const later = clock.now() + 10 * 365 * 86_400_000;
    const message = { id: "a", text: "Later", createdAt: later, since: later, attempts: 0 };
    device.stored.set(`seller-chat:123456:outbox:${String(later).padStart(15, "0")}:a`, JSON.stringify(message));
    disturb({ mayOpen: () => false });
    const tab = visitorTab();
    tab.chat.open();
    await clock.advance(1_000);
    expect(clock.longestWait).toBeLessThan(2 ** 31);
  });

  test.each(["", " ", "né", "a\nb"])("is sent by a device whose name another script has made %j", async (left) => {
    const { chattingTab, device, contact } = createWorld();
    device.stored.set("seller-chat:device", left);
    await chattingTab();
    expect(contact().visitor).not.toBe(left);
    expect(device.stored.get("seller-chat:device")).toBe(contact().visitor);
  });

  test("is sent with what is known of the conversation as its base", async () => {
    const { clock, chattingTab, frames, contact } = createWorld();
    const tab = await chattingTab();
    const id = tab.chat.send("Hello");
    await clock.advance(100);
    expect(frames("sendMessage")).toEqual([
      { action: "sendMessage", contact_id: contact().id, message: "Hello", id, base: 2 },
    ]);
  });

  test("is known by what is pushed, if its acknowledgement is lost", async () => {
    const { clock, chattingTab, disturb, calm, server, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesReply: () => true });
    tab.chat.send("Hello");
    await clock.advance(100);
    calm();
    server.say(contact().id, "seller", "I heard you");
    await clock.advance(100);
    expect(tab.outgoing()).toEqual([]);
    expect(tab.shown()).toEqual(["opened", "assigned", "Hello", "I heard you"]);
  });

  test("counts as sent while what precedes it is still missing", async () => {
    const { clock, chattingTab, disturb, calm, server, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesPush: () => true, refuses: ({ action }) => (action === "sync" ? "try_again" : undefined) });
    server.say(contact().id, "seller", "missed");
    tab.chat.send("Hello");
    await clock.advance(100);
    expect(tab.shown()).toEqual(["opened", "assigned"]);
    expect(tab.outgoing()).toEqual(["Hello: sent"]);
    calm();
    await clock.advance(3_000);
    expect(tab.shown()).toEqual(["opened", "assigned", "missed", "Hello"]);
    expect(tab.outgoing()).toEqual([]);
  });
});

describe("a message in doubt", () => {
  test("is sent again after ten seconds with the same id and base, and stored once", async () => {
    const { clock, chattingTab, disturb, calm, frames, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesReply: () => true });
    tab.chat.send("Hello");
    await clock.advance(9_900);
    calm();
    expect(frames("sendMessage").length).toBe(1);
    await clock.advance(1_000);
    const [first, second] = frames("sendMessage");
    expect(second).toEqual(first);
    expect(texts(contact().log)).toEqual(["Hello"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test("has what is held by then as its base while the conversation goes on", async () => {
    const { clock, chattingTab, disturb, calm, frames, server, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesFrame: () => true });
    tab.chat.send("Hello");
    await clock.advance(1_000);
    calm();
    server.say(contact().id, "seller", "Anybody there?");
    await clock.advance(10_000);
    expect(frames("sendMessage").map(({ base }) => base)).toEqual([3]);
    expect(tab.shown()).toEqual(["opened", "assigned", "Anybody there?", "Hello"]);
  });

  test("is sent again over the next connection", async () => {
    const { clock, chattingTab, disturb, calm, server, contact, frames } = createWorld();
    const tab = await chattingTab();
    disturb({ losesReply: () => true });
    tab.chat.send("Hello");
    await clock.advance(100);
    calm();
    server.cutAll();
    await clock.advance(3_000);
    expect(new Set(frames("sendMessage").map(({ id, base }) => `${id} ${base}`)).size).toBe(1);
    expect(texts(contact().log)).toEqual(["Hello"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test("survives a reload, with its id", async () => {
    const { clock, chattingTab, visitorTab, disturb, calm, server, contact, frames } = createWorld();
    const before = await chattingTab();
    disturb({ refuses: () => "try_again" });
    const id = before.chat.send("Hello");
    await clock.advance(50);
    before.kill();
    calm();
    server.say(contact().id, "seller", "Anybody there?");
    const after = visitorTab();
    after.chat.open();
    await clock.advance(1_000);
    expect(frames("sendMessage").map((frame) => [frame.id, frame.base])).toEqual([
      [id, 2],
      [id, 3],
    ]);
    expect(texts(contact().log)).toEqual(["Anybody there?", "Hello"]);
    expect(after.outgoing()).toEqual([]);
  });
});

describe("a page that clears its storage", () => {
  test("loses no message that waits for the network", async () => {
    const { clock, chattingTab, device, disturb, calm, server, contact } = createWorld();
    const tab = await chattingTab();
    const name = device.stored.get("seller-chat:device") ?? "";
    disturb({ mayOpen: () => false });
    server.cutAll();
    await clock.advance(1_000);
    tab.chat.send("one");
    device.stored.clear();
    device.stored.set("seller-chat:device", name);
    tab.focus();
    tab.chat.send("two");
    expect(tab.outgoing()).toEqual(["one: sending", "two: sending"]);
    calm();
    await clock.advance(10_000);
    expect(texts(contact().log)).toEqual(["one", "two"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test("loses no message that is asked for again", async () => {
    const { clock, chattingTab, device, disturb, calm, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ refuses: ({ action }) => (action === "sendMessage" ? "try_again" : undefined) });
    tab.chat.send("Hello");
    await clock.advance(50);
    device.stored.clear();
    calm();
    await clock.advance(5_000);
    expect(texts(contact().log)).toEqual(["Hello"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test("loses no message that has failed, and it can be sent again", async () => {
    const { clock, chattingTab, device, disturb, calm, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ refuses: ({ action }) => (action === "sendMessage" ? "bad_field" : undefined) });
    const id = tab.chat.send("Hello");
    await clock.advance(1_000);
    calm();
    device.stored.clear();
    tab.focus();
    expect(tab.outgoing()).toEqual(["Hello: failed"]);
    tab.chat.retry(id);
    await clock.advance(1_000);
    expect(texts(contact().log)).toEqual(["Hello"]);
  });
});

describe("several messages", () => {
  test("go out one at a time, in the order in which they were written", async () => {
    const { clock, chattingTab, disturb, frames, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ latency: () => 1_000 });
    for (const text of ["one", "two", "three"]) tab.chat.send(text);
    await clock.advance(1_900);
    expect(frames("sendMessage").map(({ message }) => message)).toEqual(["one"]);
    await clock.advance(10_000);
    expect(texts(contact().log)).toEqual(["one", "two", "three"]);
  });

  test("keep their order when one has to be sent again", async () => {
    const { clock, chattingTab, disturb, calm, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesFrame: () => true });
    for (const text of ["one", "two"]) tab.chat.send(text);
    await clock.advance(5_000);
    calm();
    await clock.advance(20_000);
    expect(texts(contact().log)).toEqual(["one", "two"]);
  });
});

describe("an error", () => {
  test.each(["try_again", "slow_down"] as const)("%s is waited for and tried again", async (code) => {
    const { clock, chattingTab, disturb, calm, contact, frames, chance } = createWorld();
    const tab = await chattingTab();
    chance.fraction = () => 0;
    disturb({ refuses: () => code });
    tab.chat.send("Hello");
    await clock.advance(100);
    calm();
    await clock.advance(100);
    expect(frames("sendMessage").length).toBe(1);
    await clock.advance(200);
    expect(texts(contact().log)).toEqual(["Hello"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test.each(["bad_field", "missing_field", "too_large", "forbidden", "unknown_action"] as const)(
    "%s is final: the message is shown as failed and does not hold up the next",
    async (code) => {
      const { clock, chattingTab, disturb, contact } = createWorld();
      const tab = await chattingTab();
      disturb({ refuses: (frame) => ("message" in frame && frame.message === "bad" ? code : undefined) });
      const id = tab.chat.send("bad");
      tab.chat.send("good");
      await clock.advance(1_000);
      expect(tab.chat.getSnapshot().conversation?.outgoing).toMatchObject([{ id, state: "failed", failure: code }]);
      expect(texts(contact().log)).toEqual(["good"]);
    },
  );

  test("that no one can tell about ends in a visible failure", async () => {
    const { clock, chattingTab, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ losesFrame: () => true });
    tab.chat.send("Hello");
    await clock.advance(11 * MINUTE);
    expect(tab.chat.getSnapshot().conversation?.outgoing).toMatchObject([{ text: "Hello", state: "failed" }]);
  });
});

describe("a message that failed", () => {
  test("is sent again when asked for, and stored once even if it had arrived", async () => {
    const { clock, chattingTab, disturb, calm, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ failsAfterStoring: () => true });
    const id = tab.chat.send("Hello");
    await clock.advance(3 * MINUTE);
    expect(tab.outgoing()).toEqual(["Hello: failed"]);
    calm();
    tab.chat.retry(id);
    expect(tab.outgoing()).toEqual(["Hello: sending"]);
    await clock.advance(1_000);
    expect(tab.outgoing()).toEqual([]);
    expect(texts(contact().log)).toEqual(["Hello"]);
  });

  test("whose base lies too far back is sent again by itself, with the same id, once more has been read", async () => {
    const { clock, chattingTab, disturb, calm, server, frames, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesPush: () => true });
    for (let said = 1; said <= 5; said++) server.say(contact().id, "seller", `missed ${said}`);
    calm();
    server.farthest = 3;
    const id = tab.chat.send("Hello");
    await clock.advance(3_000);
    expect(tab.outgoing()).toEqual([]);
    expect(texts(contact().log).at(-1)).toBe("Hello");
    expect(frames("sendMessage").map((frame) => [frame.id, frame.base])).toEqual([
      [id, 2],
      [id, 7],
    ]);
  });

  test("is forgotten when discarded, over reloads too", async () => {
    const { clock, chattingTab, visitorTab, disturb, calm } = createWorld();
    const tab = await chattingTab();
    disturb({ refuses: () => "bad_field" });
    const id = tab.chat.send("Hello");
    await clock.advance(100);
    calm();
    tab.chat.discard(id);
    expect(tab.outgoing()).toEqual([]);
    tab.kill();
    const after = visitorTab();
    after.chat.open();
    await clock.advance(1_000);
    expect(after.outgoing()).toEqual([]);
  });

  test("cannot be discarded while it may still be on its way", async () => {
    const { chattingTab } = createWorld();
    const tab = await chattingTab();
    const id = tab.chat.send("Hello");
    tab.chat.discard(id);
    expect(tab.outgoing()).toEqual(["Hello: sending"]);
  });

  test("failed because nobody wants it sent ten minutes later without being asked", async () => {
    const { clock, chattingTab, disturb, calm, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ mayOpen: () => false, losesFrame: () => true });
    tab.setOnline(false);
    tab.chat.send("Hello");
    await clock.advance(10 * MINUTE + 20_000);
    expect(tab.outgoing()).toEqual(["Hello: failed"]);
    calm();
    tab.setOnline(true);
    await clock.advance(2 * MINUTE);
    expect(texts(contact().log)).toEqual([]);
  });
});

test("closing does not wait any more once the chat is left", async () => {
  const { clock, chattingTab, disturb } = createWorld();
  const tab = await chattingTab();
  disturb({ losesFrame: () => true });
  tab.chat.send("Hello");
  const closing = expect(tab.chat.close()).rejects.toMatchObject({ code: "unanswered" });
  await clock.advance(1_000);
  tab.chat.destroy();
  await clock.advance(1_000);
  await closing;
});

test("a message fails in the end also when the clock was set back meanwhile", async () => {
  const { clock, device, disturb, server } = createWorld();
  const { ports } = device.openTab();
  let setBack = 0;
  const clockOnTheWall = { ...ports.clock, now: () => clock.now() - setBack };
  const options = { sellerId: "123456", socketUrl: "wss://chat.test/local" };
  const chat = createVisitorChat(options, { ...ports, clock: clockOnTheWall });
  chat.start({});
  await clock.advance(5_000);
  disturb({ mayOpen: () => false });
  server.cutAll();
  await clock.advance(1_000);
  chat.send("Hello");
  setBack = 60 * MINUTE;
  await clock.advance(60 * MINUTE);
  expect(chat.getSnapshot().conversation?.outgoing).toMatchObject([{ state: "sending" }]);
  await clock.advance(11 * MINUTE);
  expect(chat.getSnapshot().conversation?.outgoing).toMatchObject([{ state: "failed", failure: "too_old" }]);
});

describe("a contact that was closed", () => {
  test("is opened again by the next message, where the system does that", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    server.append(contact().id, { kind: "closed", from: "system", reason: "idle" });
    await clock.advance(100);
    tab.chat.send("One more thing");
    await clock.advance(1_000);
    expect(tab.shown()).toEqual(["opened", "assigned", "closed", "reopened", "One more thing"]);
  });

  test("is followed by a new one with the same details, where it does not; the message goes there", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    server.reopens = false;
    const tab = await chattingTab();
    server.append(contact().id, { kind: "closed", from: "system", reason: "idle" });
    await clock.advance(100);
    tab.chat.send("One more thing");
    await clock.advance(1_000);
    expect(server.contacts.size).toBe(2);
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "chatting", conversation: { userInfo: { name: "Ada" } } });
    expect(tab.shown()).toEqual(["opened", "assigned", "One more thing"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test("fails the message visibly, if InitChat gives the same contact again", async () => {
    const { clock, chattingTab, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ refuses: ({ action }) => (action === "sendMessage" ? "contact_closed" : undefined) });
    tab.chat.send("Hello");
    await clock.advance(1_000);
    expect(tab.outgoing()).toEqual(["Hello: failed"]);
    expect(tab.chat.getSnapshot().phase).toBe("chatting");
  });

  test("can be started anew by the visitor", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    server.append(contact().id, { kind: "closed", from: "system" });
    await clock.advance(100);
    tab.chat.start({ name: "Ada", question: "another" });
    await clock.advance(1_000);
    expect(server.contacts.size).toBe(2);
    expect(tab.chat.getSnapshot().conversation?.userInfo).toEqual({ name: "Ada", question: "another" });
  });
});

describe("starting a chat", () => {
  test("twice gives one contact and one InitChat", async () => {
    const { clock, visitorTab, server, frames } = createWorld();
    const tab = visitorTab();
    tab.chat.start({ name: "Ada" });
    tab.chat.start({ name: "Ada" });
    await clock.advance(1_000);
    tab.chat.start({ name: "Ada" });
    await clock.advance(1_000);
    expect(server.contacts.size).toBe(1);
    expect(frames("InitChat").length).toBe(1);
  });

  test("goes on after a reload in the middle of it", async () => {
    const { clock, visitorTab, server, disturb, calm } = createWorld();
    disturb({ losesReply: () => true });
    const before = visitorTab();
    before.chat.start({ name: "Ada" });
    await clock.advance(100);
    before.kill();
    calm();
    const after = visitorTab();
    expect(after.chat.hasSession()).toBe(true);
    after.chat.open();
    await clock.advance(1_000);
    expect(after.chat.getSnapshot().phase).toBe("chatting");
    expect(server.contacts.size).toBe(1);
  });

  test("comes back to the conversation after a reload, without another InitChat", async () => {
    const { clock, chattingTab, visitorTab, frames } = createWorld();
    const before = await chattingTab();
    before.chat.send("Hello");
    await clock.advance(100);
    before.kill();
    const after = visitorTab();
    after.chat.open();
    await clock.advance(1_000);
    expect(after.shown()).toEqual(["opened", "assigned", "Hello"]);
    expect(frames("InitChat").length).toBe(1);
  });

  test("is tried again when it was not answered, or is to be tried again", async () => {
    const { clock, visitorTab, disturb, calm } = createWorld();
    disturb({ losesReply: () => true });
    const tab = visitorTab();
    tab.chat.start({});
    await clock.advance(9_000);
    calm();
    disturb({ refuses: () => "try_again" });
    await clock.advance(2_000);
    expect(tab.chat.getSnapshot().phase).toBe("starting");
    calm();
    await clock.advance(5_000);
    expect(tab.chat.getSnapshot().phase).toBe("chatting");
  });

  test("with a seller there is none of brings the form back, with the reason", async () => {
    const { clock, visitorTab, disturb } = createWorld();
    disturb({ refuses: () => "unknown_seller" });
    const tab = visitorTab();
    tab.chat.start({});
    await clock.advance(1_000);
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "details", problem: { code: "unknown_seller" } });
  });
});

describe("ending a chat", () => {
  test("is done when the server says so", async () => {
    const { clock, chattingTab, contact } = createWorld();
    const tab = await chattingTab();
    const closing = tab.chat.close();
    await clock.advance(1_000);
    await closing;
    expect(contact().status).toBe("closed");
    expect(tab.shown()).toEqual(["opened", "assigned", "closed"]);
  });

  test("is tried again with the same id until it is answered", async () => {
    const { clock, chattingTab, disturb, calm, contact } = createWorld();
    const tab = await chattingTab();
    disturb({ losesReply: () => true });
    const closing = tab.chat.close();
    await clock.advance(5_000);
    calm();
    await clock.advance(10_000);
    await closing;
    expect(contact().log.filter(({ kind }) => kind === "closed").length).toBe(1);
  });

  test("is rejected with the reason", async () => {
    const { clock, chattingTab, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ refuses: () => "forbidden" });
    const closing = tab.chat.close();
    const rejected = expect(closing).rejects.toMatchObject({ code: "forbidden" });
    await clock.advance(1_000);
    await rejected;
  });

  test("is rejected when there is none", async () => {
    await expect(createWorld().visitorTab().chat.close()).rejects.toMatchObject({ code: "contact_closed" });
  });
});
