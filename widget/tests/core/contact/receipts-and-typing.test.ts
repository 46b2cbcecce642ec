import { describe, expect, test } from "vitest";
import { createWorld } from "../../world/world";

describe("receipts", () => {
  test("report as delivered what arrived, and as read what was on screen", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    server.say(contact().id, "seller", "Hello");
    await clock.advance(900);
    expect(contact().marks.visitor).toEqual({ delivered: 3, read: 0 });
    expect(tab.chat.getSnapshot().conversation?.unread).toBe(1);
    tab.chat.setVisible(true);
    await clock.advance(2_000);
    expect(contact().marks.visitor).toEqual({ delivered: 3, read: 3 });
    expect(tab.chat.getSnapshot().conversation?.unread).toBe(0);
  });

  test("do not call read what is on screen in a page that nobody sees", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    tab.chat.setVisible(true);
    tab.setPageVisible(false);
    server.say(contact().id, "seller", "Hello");
    await clock.advance(2_000);
    expect(contact().marks.visitor).toEqual({ delivered: 3, read: 0 });
    tab.setPageVisible(true);
    await clock.advance(2_000);
    expect(contact().marks.visitor).toEqual({ delivered: 3, read: 3 });
  });

  test("go out at most once a second, and the last one is never left out", async () => {
    const { clock, chattingTab, server, contact, frames } = createWorld();
    await chattingTab();
    for (let said = 0; said < 30; said++) {
      server.say(contact().id, "seller", `line ${said}`);
      await clock.advance(100);
    }
    expect(frames("receipt").length).toBeLessThanOrEqual(4);
    await clock.advance(1_000);
    expect(contact().marks.visitor.delivered).toBe(32);
  });

  test("of what is seen as soon as it arrives are one", async () => {
    const { clock, chattingTab, server, contact, frames } = createWorld();
    const tab = await chattingTab();
    server.say(contact().id, "seller", "Hello");
    await clock.advance(500);
    tab.chat.setVisible(true);
    await clock.advance(500);
    expect(frames("receipt")).toHaveLength(1);
    expect(contact().marks.visitor).toEqual({ delivered: 3, read: 3 });
  });

  test("need no frame where one begins to answer at once, and every tab of both knows", async () => {
    const { clock, chattingTab, sellerTab, server, contact, frames } = createWorld();
    const tab = await chattingTab();
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(5_000);
    tab.chat.setVisible(true);
    server.say(contact().id, "seller", "Hello");
    await clock.advance(200);
    tab.chat.typing();
    await clock.advance(2_000);
    expect(frames("receipt")).toEqual([]);
    expect(contact().marks.visitor).toEqual({ delivered: 3, read: 3 });
    const shown = desk.getSnapshot().conversations.get(contact().id);
    expect(shown?.peerMarks).toEqual({ delivered: 3, read: 3 });
    expect(shown?.peerTyping).toBe(true);
  });

  test("that went out with typing and were lost are reported after the next sync", async () => {
    const { clock, chattingTab, server, contact, disturb, calm } = createWorld();
    const tab = await chattingTab();
    server.say(contact().id, "seller", "Hello");
    await clock.advance(200);
    disturb({ losesFrame: () => true });
    tab.chat.typing();
    await clock.advance(2_000);
    calm();
    server.cutAll();
    await clock.advance(6_000);
    expect(contact().marks.visitor.delivered).toBe(3);
  });

  test("are not sent for one's own messages", async () => {
    const { clock, chattingTab, frames } = createWorld();
    const tab = await chattingTab();
    tab.chat.send("Hello");
    await clock.advance(5_000);
    expect(frames("receipt")).toEqual([]);
  });

  test("that were lost are reported after the next sync", async () => {
    const { clock, chattingTab, server, contact, disturb, calm } = createWorld();
    await chattingTab();
    disturb({ losesFrame: () => true });
    server.say(contact().id, "seller", "Hello");
    await clock.advance(2_000);
    calm();
    server.cutAll();
    await clock.advance(6_000);
    expect(contact().marks.visitor.delivered).toBe(3);
  });

  test("of the other side tell what it has received and seen, and never fall", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    const told = async (delivered: number, read: number) => {
      server.pushToAll({ action: "receipt", contact_id: contact().id, from: "seller", delivered, read });
      await clock.advance(100);
      return tab.chat.getSnapshot().conversation?.peerMarks;
    };
    expect(await told(3, 2)).toEqual({ delivered: 3, read: 2 });
    expect(await told(1, 1)).toEqual({ delivered: 3, read: 2 });
    expect(await told(4, 4)).toEqual({ delivered: 4, read: 4 });
  });

  test("of this person from before a reload still count", async () => {
    const { clock, chattingTab, visitorTab, server, contact } = createWorld();
    const before = await chattingTab();
    before.chat.setVisible(true);
    server.say(contact().id, "seller", "Hello");
    await clock.advance(2_000);
    before.kill();
    const after = visitorTab();
    after.chat.open();
    await clock.advance(1_000);
    expect(after.chat.getSnapshot().conversation?.unread).toBe(0);
  });
});

describe("typing", () => {
  test("is told when it begins and every ten seconds while it goes on", async () => {
    const { clock, chattingTab, frames } = createWorld();
    const tab = await chattingTab();
    for (let key = 0; key < 150; key++) {
      tab.chat.typing();
      await clock.advance(100);
    }
    expect(frames("typing").map(({ typing }) => typing)).toEqual([true, true]);
  });

  test("is taken back within five seconds after the last key, and told again with the next", async () => {
    const { clock, chattingTab, frames } = createWorld();
    const tab = await chattingTab();
    tab.chat.typing();
    await clock.advance(5_100);
    expect(frames("typing").map(({ typing }) => typing)).toEqual([true, false]);
    tab.chat.typing();
    await clock.advance(100);
    expect(frames("typing").map(({ typing }) => typing)).toEqual([true, false, true]);
  });

  test("is not taken back after the message that ends it", async () => {
    const { clock, chattingTab, frames } = createWorld();
    const tab = await chattingTab();
    tab.chat.typing();
    tab.chat.send("Hello");
    await clock.advance(20_000);
    expect(frames("typing").map(({ typing }) => typing)).toEqual([true]);
  });

  test("is told again at once after a message went out", async () => {
    const { clock, chattingTab, frames } = createWorld();
    const tab = await chattingTab();
    tab.chat.typing();
    tab.chat.send("Hello");
    tab.chat.typing();
    await clock.advance(100);
    expect(frames("typing").length).toBe(2);
  });

  test("of the other side is shown for fifteen seconds, until it stops or until its message", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    const { id } = contact();
    const isTyping = async (milliseconds: number) => {
      await clock.advance(milliseconds);
      return tab.chat.getSnapshot().conversation?.peerTyping;
    };
    const press = (typing = true) => server.pushToAll({ action: "typing", contact_id: id, from: "seller", typing });
    press();
    expect(await isTyping(100)).toBe(true);
    expect(await isTyping(14_800)).toBe(true);
    expect(await isTyping(200)).toBe(false);
    press();
    await clock.advance(10_000);
    press();
    expect(await isTyping(14_000)).toBe(true);
    press(false);
    expect(await isTyping(100)).toBe(false);
    press();
    await clock.advance(100);
    server.say(id, "seller", "Hello");
    expect(await isTyping(100)).toBe(false);
  });

  test("of the other side is over when the chat has ended", async () => {
    const { clock, chattingTab, server, contact } = createWorld();
    const tab = await chattingTab();
    const { id } = contact();
    server.pushToAll({ action: "typing", contact_id: id, from: "seller", typing: true });
    await clock.advance(100);
    server.append(id, { kind: "closed", from: "seller" });
    await clock.advance(100);
    expect(tab.chat.getSnapshot().conversation?.peerTyping).toBe(false);
  });
});
