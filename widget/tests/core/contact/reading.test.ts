import { describe, expect, test } from "vitest";
import { createWorld, type World } from "../../world/world";

const OPENING = ["opened", "assigned"];

describe("what the other side writes", () => {
  test("is shown as it is pushed", async () => {
    const { server, clock, chattingTab, contact } = createWorld();
    const tab = await chattingTab();
    server.say(contact().id, "seller", "Good morning");
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "Good morning"]);
  });

  test("is shown in the order of its numbers, whatever the order of arrival", async () => {
    const { clock, chattingTab, contact, server, disturb } = createWorld();
    const tab = await chattingTab();
    const delays = [300, 200, 100];
    disturb({ latency: () => delays.shift() ?? 1_000 });
    for (const text of ["one", "two", "three"]) server.say(contact().id, "seller", text);
    await clock.advance(250);
    expect(tab.shown()).toEqual(OPENING);
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "one", "two", "three"]);
  });

  test("is asked for when a number is missing", async () => {
    const { clock, chattingTab, contact, server, disturb, calm } = createWorld();
    const tab = await chattingTab();
    disturb({ losesPush: () => true });
    server.say(contact().id, "seller", "missed");
    calm();
    server.say(contact().id, "seller", "seen");
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "missed", "seen"]);
  });

  test("is shown once, however often it is pushed", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    const entry = server.say(contact().id, "seller", "once");
    server.pushToAll({ action: "entry", contact_id: contact().id, entry });
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "once"]);
  });

  test("is the same entry as one that was asked for", async () => {
    const { server, clock, chattingTab, contact } = createWorld();
    const tab = await chattingTab();
    server.say(contact().id, "seller", "Good morning");
    await clock.advance(100);
    expect(tab.chat.getSnapshot().conversation?.items.at(-1)).toEqual(contact().log.at(-1));
  });

  test("of another contact is passed over", async () => {
    const { clock, chattingTab, server } = createWorld();
    const tab = await chattingTab();
    const said = { type: "message", from: "123456", id: "said-1", message: "not for you" } as const;
    const timestamp = new Date(clock.now()).toISOString();
    server.pushToAll({ action: "sendMessage", contact_id: "another", seq: 3, timestamp, ...said });
    await clock.advance(100);
    expect(tab.shown()).toEqual(OPENING);
  });
});

describe("catching up", () => {
  test("happens after every connect", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    server.cutAll();
    server.say(contact().id, "seller", "while you were away");
    await clock.advance(2_000);
    expect(tab.shown()).toEqual([...OPENING, "while you were away"]);
  });

  test("announces the connection, so that it is pushed to even if it was taken for dead", async () => {
    const { clock, chattingTab, contact, server, disturb } = createWorld();
    disturb({ takesForDead: () => true });
    const tab = await chattingTab();
    server.cutAll();
    await clock.advance(10_000);
    server.say(contact().id, "seller", "Good morning");
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "Good morning"]);
  });

  test("announces the connection once", async () => {
    const { clock, chattingTab, server, frames } = createWorld();
    await chattingTab();
    server.received.length = 0;
    server.cutAll();
    await clock.advance(10_000);
    expect(frames("sync").map(({ announce }) => announce)).toEqual([true, undefined]);
  });

  test("happens once more three seconds later, since a push can miss a connection that was just opened", async () => {
    const { clock, chattingTab, contact, server, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ lookupDelay: () => 2_500 });
    server.cutAll();
    await clock.advance(1_500);
    server.say(contact().id, "seller", "in between");
    await clock.advance(1_000);
    expect(tab.shown()).toEqual(OPENING);
    await clock.advance(3_000);
    expect(tab.shown()).toEqual([...OPENING, "in between"]);
  });

  test.each(["focus", "setVisible"] as const)("happens when the visitor looks (%s)", async (how) => {
    const { clock, chattingTab, contact, server, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ losesPush: () => true });
    server.say(contact().id, "seller", "missed");
    if (how === "focus") tab.focus();
    else tab.chat.setVisible(true);
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "missed"]);
  });

  test("goes on page by page to the end", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    server.cutAll();
    const said = Array.from({ length: 23 }, (_, number) => `line ${number}`);
    for (const text of said) server.say(contact().id, "seller", text);
    await clock.advance(3_000);
    expect(tab.shown()).toEqual([...OPENING, ...said]);
  });

  test("waits as long as the server says before it asks again", async () => {
    const { clock, chattingTab, contact, server, disturb, calm, chance, frames } = createWorld();
    const tab = await chattingTab();
    chance.fraction = () => 0;
    disturb({ losesPush: () => true, refuses: () => "slow_down" });
    server.say(contact().id, "seller", "missed");
    const before = frames("sync").length;
    tab.focus();
    tab.focus();
    await clock.advance(150);
    expect(frames("sync").length).toBe(before + 1);
    calm();
    await clock.advance(300);
    expect(tab.shown()).toEqual([...OPENING, "missed"]);
  });

  test("asks again when no answer comes", async () => {
    const { clock, chattingTab, contact, server, disturb, calm } = createWorld();
    const tab = await chattingTab();
    disturb({ losesPush: () => true, losesReply: () => true });
    server.say(contact().id, "seller", "missed");
    tab.focus();
    await clock.advance(5_000);
    calm();
    await clock.advance(6_000);
    expect(tab.shown()).toEqual([...OPENING, "missed"]);
  });
});

describe("numbers that cannot be had", () => {
  test("are shown as a break when they have expired", async () => {
    const world = createWorld();
    const tab = await reloadedAfter(world, () => {
      world.contact().expired = 3;
    });
    expect(tab.shown()).toEqual(["1-3 are gone", "line 2", "line 3"]);
  });

  test("that were never handed out make everything be read anew", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    for (const text of ["one", "two", "three"]) server.say(contact().id, "seller", text);
    await clock.advance(100);
    // As after a restore from a backup.
    contact().log.splice(2);
    tab.focus();
    await clock.advance(100);
    expect(tab.shown()).toEqual(OPENING);
    server.say(contact().id, "seller", "after the restore");
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "after the restore"]);
  });
});

describe("an answer that comes late", () => {
  test("undoes nothing that was read since", async () => {
    const { clock, chattingTab, contact, server, disturb } = createWorld();
    const tab = await chattingTab();
    for (const text of ["one", "two", "three"]) server.say(contact().id, "seller", text);
    await clock.advance(100);
    contact().log.splice(2);
    // The question, a ping beside it, and the answer.
    const delays = [20, 20, 12_000];
    disturb({ latency: () => delays.shift() ?? 20 });
    tab.focus();
    await clock.advance(10_100);
    server.say(contact().id, "seller", "after the restore");
    await clock.advance(100);
    expect(tab.shown()).toEqual([...OPENING, "after the restore"]);
    await clock.advance(5_000);
    expect(tab.shown()).toEqual([...OPENING, "after the restore"]);
  });
});

describe("a contact that cannot be read any more", () => {
  test("brings the visitor back to the details form, with the reason", async () => {
    const world = createWorld();
    const tab = await reloadedAfter(world, () => world.server.contacts.clear());
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "details", problem: { code: "forbidden" } });
  });

  test.each(["forgotten", "expired"])("is followed by a new one if he had more to say (%s)", async (what) => {
    const { clock, server, chattingTab, visitorTab, contact } = createWorld();
    const before = await chattingTab();
    before.kill();
    const { id } = contact();
    contact().expired = 2;
    if (what === "forgotten") server.contacts.set(id, { ...contact(), visitor: "somebody else" });
    const after = visitorTab();
    after.chat.send("Are you still there?");
    await clock.advance(5_000);
    expect(after.chat.getSnapshot()).toMatchObject({ phase: "chatting", problem: undefined });
    expect(after.shown()).toEqual([...OPENING, "Are you still there?"]);
  });

  test("is not followed by one after the other, if all are refused", async () => {
    const { clock, server, visitorTab, disturb } = createWorld();
    disturb({ refuses: ({ action }) => (action === "sync" ? "forbidden" : undefined) });
    const tab = visitorTab();
    tab.chat.start({ name: "Ada" });
    tab.chat.send("Hello");
    await clock.advance(60_000);
    expect(server.contacts.size).toBe(1);
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "details", problem: { code: "forbidden" } });
  });

  test("is followed by a new one when he starts again, and is no error if it has expired", async () => {
    const world = createWorld();
    const tab = await reloadedAfter(world, () => {
      world.contact().expired = world.contact().log.length;
    });
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "details", problem: undefined });
    tab.chat.start({ name: "Ada" });
    await world.clock.advance(1_000);
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "chatting", problem: undefined });
    expect(tab.shown()).toEqual(OPENING);
  });
});

describe("the conversation's standing", () => {
  test("follows the log: queued, assigned, closed, reopened", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    const standing = async () => {
      await clock.advance(100);
      const { status, sellerId } = tab.chat.getSnapshot().conversation ?? {};
      return [status, sellerId];
    };
    const { id } = contact();
    expect(await standing()).toEqual(["open", "123456"]);
    server.append(id, { kind: "queued", from: "system", reason: "lease" });
    expect(await standing()).toEqual(["queued", undefined]);
    server.append(id, { kind: "assigned", from: "system", seller_id: "77" });
    expect(await standing()).toEqual(["open", "77"]);
    server.append(id, { kind: "closed", from: "system", reason: "idle" });
    expect(await standing()).toEqual(["closed", "77"]);
    server.append(id, { kind: "reopened", from: "system" });
    expect(await standing()).toEqual(["open", "77"]);
  });

  test("is the same object until something changes", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    const before = tab.chat.getSnapshot();
    expect(tab.chat.getSnapshot()).toBe(before);
    server.say(contact().id, "seller", "news");
    await clock.advance(100);
    expect(tab.chat.getSnapshot()).not.toBe(before);
    expect(before.conversation?.items.length).toBe(2);
  });

  test("is no longer told to who has unsubscribed", async () => {
    const { clock, chattingTab, contact, server } = createWorld();
    const tab = await chattingTab();
    let heard = 0;
    const unsubscribe = tab.chat.subscribe(() => heard++);
    server.say(contact().id, "seller", "one");
    await clock.advance(100);
    expect(heard).toBeGreaterThan(0);
    unsubscribe();
    heard = 0;
    server.say(contact().id, "seller", "two");
    await clock.advance(100);
    expect(heard).toBe(0);
  });
});

/** Five entries, then `change`, then the page is loaded again. */
async function reloadedAfter({ clock, server, contact, chattingTab, visitorTab }: World, change: () => void) {
  const before = await chattingTab();
  for (const text of ["line 1", "line 2", "line 3"]) server.say(contact().id, "seller", text);
  await clock.advance(100);
  before.kill();
  change();
  const after = visitorTab();
  after.chat.open();
  await clock.advance(5_000);
  return after;
}
