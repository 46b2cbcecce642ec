import { describe, expect, test } from "vitest";
import { rowsOfInbox } from "../../../src/console/inbox/contacts";
import { createDevice } from "../../world/device";
import { newContact } from "../../world/server/contact";
import { createWorld, SELLER, texts } from "../../world/world";

describe("a seller's desk", () => {
  test("lists the open contacts and reads each of them", async () => {
    const { clock, chattingTab, server, sellerTab, contact } = createWorld();
    await chattingTab();
    server.say(contact().id, "visitor", "Hello");
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    expect(desk.getSnapshot().inbox.open.map(({ contact_id }) => contact_id)).toEqual([contact().id]);
    expect(shown(contact().id)).toEqual(["opened", "assigned", "Hello"]);
    expect(desk.getSnapshot().conversations.get(contact().id)).toMatchObject({ unread: 1, userInfo: { name: "Ada" } });
  });

  test("shows a contact that has just been opened", async () => {
    const { clock, chattingTab, sellerTab, contact } = createWorld();
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(5_000);
    await chattingTab();
    expect(shown(contact().id)).toEqual(["opened", "assigned"]);
    expect(desk.getSnapshot().inbox.open.length).toBe(1);
  });

  test.each([
    ["while the desk was connecting, within seconds", 0, 4_000],
    ["later on, within a minute", 5_000, 61_000],
  ])("finds a contact whose push got lost %s", async (_when, before, after) => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(1_000 + before);
    disturb({ losesPush: () => true });
    const [id = ""] = startContacts(server, 1);
    calm();
    await clock.advance(after);
    expect(desk.getSnapshot().inbox.open.map(({ contact_id }) => contact_id)).toEqual([id]);
    expect(shown(id)).toEqual(["opened", "assigned"]);
  });

  test("finds a message whose push got lost, within as many minutes as there are open contacts", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const ids = startContacts(server, 3);
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    disturb({ losesPush: () => true });
    for (const id of ids) server.say(id, "visitor", "Are you there?");
    calm();
    await clock.advance(3 * 60_000);
    for (const id of ids) expect(shown(id)).toEqual(["opened", "assigned", "Are you there?"]);
  });

  test.each([
    [0, 1],
    [1, 1],
    [20, 1],
    [250, 3],
  ])("asks every minute for news of %i open contacts in %i requests, and for nothing more", async (contacts, pages) => {
    const { clock, server, sellerTab, frames } = createWorld();
    startContacts(server, contacts);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(30_000);
    server.received.length = 0;
    await clock.advance(10 * 60_000);
    expect(frames("sync")).toEqual([]);
    expect(frames("inbox").filter(({ status, tails }) => status === "open" && tails).length).toBe(10 * pages);
    expect(frames("inbox").filter(({ status }) => status !== "queued").length).toBe(10 * pages);
  });

  test("shows within a minute what was said or read in any of its contacts and got lost", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const ids = startContacts(server, 3);
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    desk.send(ids[2] ?? "", "Good morning");
    await clock.advance(1_000);
    disturb({ losesPush: () => true });
    for (const id of ids.slice(0, 2)) server.say(id, "visitor", "Hello");
    const marks = { delivered: 3, read: 3 };
    const quiet = server.contacts.get(ids[2] ?? "");
    if (quiet) quiet.marks.visitor = marks;
    calm();
    await clock.advance(61_000);
    for (const id of ids.slice(0, 2)) expect(shown(id)).toEqual(["opened", "assigned", "Hello"]);
    expect(desk.getSnapshot().conversations.get(ids[2] ?? "")?.peerMarks).toEqual(marks);
  });

  test("lists all of its open contacts, however many pages they take", async () => {
    const { clock, server, sellerTab, frames } = createWorld();
    const ids = startContacts(server, 250);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    expect(desk.getSnapshot().inbox.open.map(({ contact_id }) => contact_id)).toEqual(ids);
    expect(frames("inbox").filter(({ announce }) => announce).length).toBe(1);
  });

  test("lists closed contacts page by page, as it is asked to", async () => {
    const { clock, server, sellerTab } = createWorld();
    const ids = startContacts(server, 250);
    for (const id of ids) server.append(id, { kind: "closed", from: SELLER, id: "bye" });
    const { desk } = sellerTab();
    const closed = () => desk.getSnapshot().inbox.closed.length;
    desk.open();
    await clock.advance(1_000);
    desk.refreshInbox("closed");
    await clock.advance(1_000);
    expect([closed(), desk.getSnapshot().hasOlderClosed]).toEqual([100, true]);
    desk.listOlderClosed();
    await clock.advance(1_000);
    desk.listOlderClosed();
    await clock.advance(1_000);
    expect([closed(), desk.getSnapshot().hasOlderClosed]).toEqual([250, false]);
  });

  test("talks with the visitor, both ways", async () => {
    const { clock, chattingTab, sellerTab, contact } = createWorld();
    const visitor = await chattingTab();
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    visitor.chat.send("Hello");
    await clock.advance(100);
    desk.send(contact().id, "Good morning");
    await clock.advance(100);
    expect(shown(contact().id)).toEqual(["opened", "assigned", "Hello", "Good morning"]);
    expect(visitor.shown()).toEqual(shown(contact().id));
    expect(desk.getSnapshot().conversations.get(contact().id)?.outgoing).toEqual([]);
  });

  test("reads each open contact once after the first connect", async () => {
    const { clock, server, sellerTab, frames } = createWorld();
    const ids = startContacts(server, 20);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    expect(asked(frames("sync"))).toEqual([...ids].sort());
  });

  test("asks after another connect once per page of its list, and for what has gone on", async () => {
    const { clock, server, sellerTab, frames, disturb, calm } = createWorld();
    const ids = startContacts(server, 120);
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(20_000);
    server.received.length = 0;
    disturb({ losesPush: () => true });
    server.say(ids[7] ?? "", "visitor", "Hello");
    server.cutAll();
    calm();
    await clock.advance(3_000);
    expect(shown(ids[7] ?? "")).toEqual(["opened", "assigned", "Hello"]);
    expect(asked(frames("sync"))).toEqual([ids[7]]);
    const lists = () => frames("inbox").filter(({ status, tails }) => status === "open" && tails).length;
    expect(lists()).toBe(2);
    // A push may have missed a connection that was just opened.
    server.say(ids[8] ?? "", "visitor", "Hello");
    await clock.advance(4_000);
    expect([lists(), asked(frames("sync"))]).toEqual([4, [ids[7]]]);
  });

  test("reads all of its contacts where the server tells of none how far it has gone", async () => {
    const { clock, server, sellerTab, frames, disturb } = createWorld();
    const ids = startContacts(server, 3);
    disturb({ isOlder: () => true });
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(20_000);
    server.received.length = 0;
    server.cutAll();
    await clock.advance(2_000);
    expect(asked(frames("sync"))).toEqual([...ids].sort());
  });

  test("asks for who waits with the open ones, and by itself where the server tells of one list at a time", async () => {
    const { clock, server, sellerTab, frames, disturb } = createWorld();
    startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(20_000);
    server.received.length = 0;
    const queued = (id: string) => {
      server.contacts.set(id, newContact(id, `device-${id}`, SELLER, { seller: undefined, status: "queued" }));
      server.append(id, { kind: "opened", from: `visitor-${id}`, id: "open.opened", user_info: {} });
    };
    const waiting = () => desk.getSnapshot().inbox.queued.map(({ contact_id }) => contact_id);
    queued("a");
    await clock.advance(60_000);
    expect([frames("inbox").length, waiting()]).toEqual([1, ["a"]]);
    disturb({ isOlder: () => true });
    queued("b");
    await clock.advance(60_000);
    expect([frames("inbox").map(({ status }) => status), waiting()]).toEqual([
      ["open", "open", "queued"],
      ["a", "b"],
    ]);
  });

  test("reads nothing of a contact that has just begun: all of it was pushed, and can be answered", async () => {
    const { clock, chattingTab, sellerTab, contact, frames } = createWorld();
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(20_000);
    await chattingTab();
    await clock.advance(20_000);
    desk.send(contact().id, "Good morning");
    await clock.advance(1_000);
    expect(shown(contact().id)).toEqual(["opened", "assigned", "Good morning"]);
    expect(frames("sync").filter(({ announce }) => !announce).length).toBe(1);
  });

  test("reads after another connect what ended before it could be read over the last one", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    disturb({ losesReply: () => true });
    const [id = ""] = startContacts(server, 1);
    await clock.advance(1_000);
    disturb({ losesPush: () => true });
    server.append(id, { kind: "closed", from: "system" });
    server.cutAll();
    calm();
    await clock.advance(10_000);
    expect(shown(id)).toEqual(["opened", "assigned", "closed"]);
  });

  test("asks again at once after a connect to end what was being ended", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    disturb({ losesFrame: () => true });
    void desk.close(id);
    await clock.advance(100);
    calm();
    server.cutAll();
    await clock.advance(3_000);
    expect(server.contacts.get(id)?.status).toBe("closed");
  });

  test("announces its connection with the inbox, since a push may have found it not yet open", async () => {
    const { clock, server, sellerTab, disturb, frames } = createWorld();
    const [id = ""] = startContacts(server, 1);
    disturb({ takesForDead: () => true });
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    server.say(id, "visitor", "Hello");
    await clock.advance(100);
    expect(shown(id)).toEqual(["opened", "assigned", "Hello"]);
    expect(frames("sync").some(({ announce }) => announce)).toBe(false);
  });

  test("reads again a closed contact that was reopened while it was away", async () => {
    const { clock, server, sellerTab, disturb } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    server.append(id, { kind: "closed", from: "system" });
    await clock.advance(1_000);
    disturb({ losesPush: () => true });
    server.append(id, { kind: "reopened", from: "system" });
    server.say(id, "visitor", "One more thing");
    server.cutAll();
    await clock.advance(3_000);
    expect(shown(id)).toEqual(["opened", "assigned", "closed", "reopened", "One more thing"]);
  });

  test("sends to many contacts at once, each in its own order", async () => {
    const { clock, server, sellerTab, disturb } = createWorld();
    const ids = startContacts(server, 3);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(5_000);
    disturb({ latency: () => 500 });
    for (const text of ["one", "two"]) for (const id of ids) desk.send(id, text);
    await clock.advance(1_900);
    for (const id of ids) expect(texts(server.contacts.get(id)?.log ?? [])).toEqual(["one", "two"]);
  });

  test("sends after a reload what was not acknowledged before", async () => {
    const { clock, chance, server, sellerTab, disturb, calm } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const device = createDevice(clock, chance, server);
    const before = sellerTab({}, device);
    before.desk.open();
    await clock.advance(1_000);
    disturb({ losesFrame: () => true });
    before.desk.send(id, "Hello");
    await clock.advance(100);
    before.kill();
    calm();
    const after = sellerTab({}, device);
    after.desk.open();
    await clock.advance(1_000);
    expect(texts(server.contacts.get(id)?.log ?? [])).toEqual(["Hello"]);
  });

  test("sends what was not acknowledged, even if the page has cleared its storage", async () => {
    const { clock, chance, server, sellerTab, disturb, calm } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const device = createDevice(clock, chance, server);
    const { desk } = sellerTab({}, device);
    desk.open();
    await clock.advance(1_000);
    disturb({ losesFrame: () => true });
    desk.send(id, "Hello");
    await clock.advance(100);
    device.stored.clear();
    calm();
    await clock.advance(15_000);
    expect(texts(server.contacts.get(id)?.log ?? [])).toEqual(["Hello"]);
    expect(desk.getSnapshot().conversations.get(id)?.outgoing).toEqual([]);
  });

  test("shows a message to a closed contact as failed", async () => {
    const { clock, server, sellerTab } = createWorld();
    server.reopens = false;
    const [id = ""] = startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    server.append(id, { kind: "closed", from: "system" });
    const message = desk.send(id, "Too late");
    await clock.advance(1_000);
    const view = () => desk.getSnapshot().conversations.get(id);
    expect(view()).toMatchObject({ status: "closed", outgoing: [{ state: "failed", failure: "contact_closed" }] });
    desk.discard(id, message);
    expect(view()?.outgoing).toEqual([]);
  });

  test("drops a contact that was handed to another seller", async () => {
    const { clock, server, sellerTab } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    const transfer = desk.transfer(id, "77");
    await clock.advance(1_000);
    await transfer;
    expect(server.contacts.get(id)?.seller).toBe("77");
    expect(desk.getSnapshot().conversations.has(id)).toBe(false);
    expect(desk.getSnapshot().inbox.open).toEqual([]);
  });

  test.each([
    ["open", { kind: "transferred", from: SELLER, seller_id: "77" }],
    ["queued", { kind: "assigned", from: "system", seller_id: "77" }],
  ] as const)(
    "drops within minutes a contact that was %s and went to another seller unheard",
    async (status, entry) => {
      const { clock, server, sellerTab, disturb, calm } = createWorld();
      const ids = startContacts(server, 10);
      const id = ids[5] ?? "";
      const { desk } = sellerTab();
      desk.open();
      await clock.advance(5_000);
      if (status === "queued") server.append(id, { kind: "queued", from: "system", reason: "lease" });
      if (status === "queued")
        Object.assign(server.contacts.get(id) ?? {}, { seller: undefined, status, requested: "77" });
      await clock.advance(100);
      disturb({ losesPush: () => true });
      server.append(id, entry);
      calm();
      await clock.advance(2 * 60_000);
      expect(desk.getSnapshot().conversations.has(id)).toBe(false);
    },
  );

  test("asks no more for a contact that it dropped while it was still to be read", async () => {
    const { clock, server, sellerTab, frames } = createWorld();
    const ids = startContacts(server, 20);
    const last = ids[19] ?? "";
    const { desk, focus } = sellerTab();
    desk.open();
    await clock.advance(10_000);
    const lost = server.contacts.get(last);
    if (lost) lost.seller = "77";
    focus();
    desk.read(last);
    await clock.advance(5_000);
    server.received.length = 0;
    await clock.advance(10 * 60_000);
    expect(frames("sync").filter(({ contact_id }) => contact_id === last)).toEqual([]);
  });

  test("keeps a contact it has lost for as long as there is something it could not send there", async () => {
    const { clock, chance, server, sellerTab, disturb, calm, frames } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const device = createDevice(clock, chance, server);
    const before = sellerTab({}, device);
    before.desk.open();
    await clock.advance(5_000);
    disturb({ losesFrame: () => true });
    const message = before.desk.send(id, "Hello");
    await clock.advance(1_000);
    before.kill();
    calm();
    const lost = server.contacts.get(id);
    if (lost) lost.seller = "77";
    const { desk } = sellerTab({}, device);
    desk.open();
    await clock.advance(10_000);
    expect(rowsOfInbox(desk.getSnapshot(), "open").map(({ contactId }) => contactId)).toEqual([id]);
    expect(desk.getSnapshot().conversations.get(id)?.outgoing).toMatchObject([
      { state: "failed", failure: "forbidden" },
    ]);
    server.received.length = 0;
    await clock.advance(10 * 60_000);
    expect(frames("sync")).toEqual([]);
    desk.discard(id, message);
    expect(desk.getSnapshot().conversations.has(id)).toBe(false);
  });

  test("closes a contact, and finds it among the closed", async () => {
    const { clock, server, sellerTab } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    const closing = desk.close(id);
    await clock.advance(1_000);
    await closing;
    desk.refreshInbox("closed");
    await clock.advance(1_000);
    const { inbox } = desk.getSnapshot();
    expect([inbox.open.length, inbox.closed.length]).toEqual([0, 1]);
  });

  test("closes a contact after what was written before it", async () => {
    const { clock, server, sellerTab } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    desk.send(id, "One last thing");
    desk.send(id, "Goodbye");
    const closing = desk.close(id);
    await clock.advance(3_000);
    await closing;
    const kinds = server.contacts.get(id)?.log.map(({ kind }) => kind);
    expect(kinds?.slice(-3)).toEqual(["message", "message", "closed"]);
  });

  test("hands a contact over after what was written before it", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    disturb({ refuses: ({ action }) => (action === "sendMessage" ? "try_again" : undefined) });
    desk.send(id, "Bob knows more");
    const transfer = desk.transfer(id, "bob");
    await clock.advance(100);
    calm();
    await clock.advance(5_000);
    await transfer;
    const kinds = server.contacts.get(id)?.log.map(({ kind }) => kind);
    expect(kinds?.slice(-2)).toEqual(["message", "transferred"]);
  });

  test("reads a contact that is in no open list", async () => {
    const { clock, server, sellerTab } = createWorld();
    const [id = ""] = startContacts(server, 1);
    server.append(id, { kind: "closed", from: "system" });
    const { desk, shown } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    expect(shown(id)).toEqual([]);
    desk.read(id);
    await clock.advance(1_000);
    expect(shown(id)).toEqual(["opened", "assigned", "closed"]);
  });

  test("asks what the seller is, says what they choose once, and asks again after every connect", async () => {
    const { clock, server, sellerTab, frames, disturb, calm } = createWorld();
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(1_000);
    desk.setPresence("away");
    await clock.advance(100);
    expect(desk.getSnapshot().presence).toBe("away");
    await clock.advance(30_000);
    server.cutAll();
    await clock.advance(3_000);
    expect(frames("presence").map(({ status }) => status)).toEqual([undefined, "away", undefined]);
    disturb({ mayOpen: () => false });
    server.cutAll();
    desk.setPresence("offline");
    calm();
    await clock.advance(10_000);
    expect(frames("presence").at(-1)?.status).toBe("offline");
  });

  test("reports as read only the conversation on screen", async () => {
    const { clock, server, sellerTab } = createWorld();
    const [first = "", second = ""] = startContacts(server, 2);
    const { desk } = sellerTab();
    desk.open();
    desk.setVisible(first);
    for (const id of [first, second]) server.say(id, "visitor", "Hello");
    await clock.advance(3_000);
    expect(server.contacts.get(first)?.marks.seller.read).toBe(3);
    expect(server.contacts.get(second)?.marks.seller.read).toBe(0);
    desk.setVisible(second);
    await clock.advance(3_000);
    expect(server.contacts.get(second)?.marks.seller.read).toBe(3);
  });

  test("asks for the inbox again when the server says so", async () => {
    const { clock, server, sellerTab, disturb, calm } = createWorld();
    startContacts(server, 1);
    disturb({ refuses: () => "try_again" });
    const { desk } = sellerTab();
    desk.open();
    await clock.advance(100);
    calm();
    await clock.advance(3_000);
    expect(desk.getSnapshot().inbox.open.length).toBe(1);
  });

  test("shows on the phone what was written on the laptop, once", async () => {
    const { clock, server, sellerTab } = createWorld();
    const [id = ""] = startContacts(server, 1);
    const [laptop, phone] = [sellerTab(), sellerTab()];
    laptop.desk.open();
    phone.desk.open();
    await clock.advance(5_000);
    laptop.desk.send(id, "Good morning");
    await clock.advance(1_000);
    expect(phone.shown(id)).toEqual(["opened", "assigned", "Good morning"]);
    expect(phone.desk.getSnapshot().conversations.get(id)?.unread).toBe(0);
  });
});

function asked(frames: readonly { readonly contact_id: string }[]): readonly string[] {
  return frames.map(({ contact_id }) => contact_id).sort();
}

function startContacts(server: ReturnType<typeof createWorld>["server"], count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => {
    const id = `contact-${number}`;
    server.contacts.set(id, newContact(id, `device-${number}`, SELLER, { seller: undefined, status: "queued" }));
    server.append(id, { kind: "opened", from: `visitor-${id}`, id: "open.opened", user_info: {} });
    server.append(id, { kind: "assigned", from: "system", id: "open", seller_id: SELLER });
    return id;
  });
}
