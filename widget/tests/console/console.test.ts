import { describe, expect, it, vi } from "vitest";
import { createAlerts } from "../../src/console/alerts/alerts";
import { rowsOfDesk } from "../../src/console/conversation/colleagues";
import { nameOf, rowsOfInbox, unreadIn } from "../../src/console/inbox/contacts";
import { credentialsFrom, sessionOf } from "../../src/console/session/session";
import { filledReply, type Preferences } from "../../src/console/settings/preferences";
import { transcriptOf } from "../../src/timeline/transcript";
import { tokenOf as token } from "../world/tokens";
import { createWorld, SELLER, type World } from "../world/world";

const NOW = Date.parse("2026-11-23T10:00:00Z");

describe("a token", () => {
  it("names the seller, whatever script his name is in", () => {
    expect(sessionOf(token({ sub: "विक्रेता", exp: NOW / 1000 + 60 }), NOW)?.sellerId).toBe("विक्रेता");
  });

  it("may be pasted with white space around it", () => {
    expect(sessionOf(`  ${token({ sub: "7" })}\n`)?.token).toBe(token({ sub: "7" }));
  });

  it.each([["nonsense"], ["a.b.c"], [""], [token({})], [token({ sub: "7", exp: NOW / 1000 - 1 })]])(
    "%s signs nobody in",
    (text) => {
      expect(sessionOf(text, NOW)).toBeUndefined();
    },
  );
});

describe("credentials", () => {
  const session = { sellerId: SELLER, token: "the-token" };
  const at = { webSocketUrl: "wss://chat.test", restUrl: "https://rest.test" };

  async function answered(status: number, body: object) {
    const calls = vi.fn(async () => new Response(JSON.stringify(body), { status }));
    vi.stubGlobal("fetch", calls);
    try {
      return { credentials: await credentialsFrom(session, at)("connect"), calls };
    } finally {
      vi.unstubAllGlobals();
    }
  }

  it("are a ticket for each connection, had for the token", async () => {
    const { credentials, calls } = await answered(200, { ticket: "once", expires_in: 30 });
    expect(credentials).toEqual({ ticket: "once" });
    expect(calls).toHaveBeenCalledWith("https://rest.test/tickets", {
      method: "POST",
      headers: { Authorization: "Bearer the-token" },
    });
  });

  it.each([401, 403])("are none any more when the token is refused with %i", async (status) => {
    expect((await answered(status, {})).credentials).toBeUndefined();
  });

  it("are asked for again when the answer was an error", async () => {
    await expect(answered(503, {})).rejects.toThrow("503");
  });

  it("are none after the server ended the session", async () => {
    expect(await credentialsFrom(session, at)("expired")).toBeUndefined();
  });

  it("are the token itself where there is no REST API", async () => {
    expect(await credentialsFrom(session, { webSocketUrl: "wss://chat.test" })("connect")).toEqual({
      token: "the-token",
    });
  });
});

async function deskWithChats(names: readonly string[]) {
  const world: World = createWorld();
  const seller = world.sellerTab();
  seller.desk.open();
  for (const [index, name] of names.entries()) {
    const visitor = await createVisitor(world, index, name);
    visitor.send(`Hello from ${name}`);
    await world.clock.advance(5_000);
  }
  return { world, desk: seller.desk };
}

async function createVisitor(world: World, index: number, name: string) {
  const { createDevice } = await import("../world/device");
  const { createVisitorChat } = await import("../../src/core");
  const tab = createDevice(world.clock, world.chance, world.server).openTab();
  const chat = createVisitorChat({ sellerId: SELLER, socketUrl: `wss://chat.test/local${index}` }, tab.ports);
  chat.start({ name });
  await world.clock.advance(5_000);
  return chat;
}

describe("the inbox", () => {
  it("lists the latest activity first, with what was said last and how much is unread", async () => {
    const { world, desk } = await deskWithChats(["Ada", "Grace"]);
    const names = () =>
      rowsOfInbox(desk.getSnapshot(), "open", "").map(({ name, preview, unread }) => [name, preview, unread]);
    expect(names()).toEqual([
      ["Grace", "Hello from Grace", 1],
      ["Ada", "Hello from Ada", 1],
    ]);
    const first = world.contact().id;
    desk.setVisible(first);
    desk.send(first, "Hello Ada");
    await world.clock.advance(5_000);
    expect(names()).toEqual([
      ["Ada", "You: Hello Ada", 0],
      ["Grace", "Hello from Grace", 1],
    ]);
  });

  it("is searched by name and by what was said last", async () => {
    const { desk } = await deskWithChats(["Ada", "Grace"]);
    const found = (search: string) => rowsOfInbox(desk.getSnapshot(), "open", search).map(({ name }) => name);
    expect(found("gRA")).toEqual(["Grace"]);
    expect(found("hello from ada")).toEqual(["Ada"]);
    expect(found("nobody")).toEqual([]);
  });

  it("lets a chat go as soon as it has ended, before the server lists it anew", async () => {
    const { world, desk } = await deskWithChats(["Ada"]);
    await Promise.all([desk.close(world.contact().id), world.clock.advance(300)]);
    await world.clock.advance(5_000);
    expect(rowsOfInbox(desk.getSnapshot(), "open", "")).toEqual([]);
    expect(rowsOfInbox(desk.getSnapshot(), "closed", "").map(({ name }) => name)).toEqual(["Ada"]);
  });

  it("gives a visitor without a name one that tells him from the others", () => {
    expect(nameOf("contact-12345", undefined)).toBe("Visitor 12345");
  });
});

describe("a chat that a colleague has handed over", () => {
  async function handedOver() {
    const { world, desk } = await deskWithChats(["Ada"]);
    const { id } = world.contact();
    world.server.append(id, { kind: "message", from: "alice", id: "a-1", message: "I refund you 100" });
    await world.clock.advance(1_000);
    const view = desk.getSnapshot().conversations.get(id);
    if (!view) throw new Error("There is no conversation.");
    return { view, snapshot: desk.getSnapshot() };
  }

  it("shows what she wrote on the sellers' side, under her name", async () => {
    const { view } = await handedOver();
    const rows = rowsOfDesk(view).filter((row) => row.kind === "message");
    expect(rows.map(({ text, isOwn, writer }) => [text, isOwn, writer])).toEqual([
      ["Hello from Ada", false, undefined],
      ["I refund you 100", true, "alice"],
    ]);
  });

  it("says in the transcript and in the inbox that she wrote it", async () => {
    const { view, snapshot } = await handedOver();
    expect(transcriptOf(rowsOfDesk(view), { own: "You", peer: "Ada" })).toContain("] alice: I refund you 100\n");
    expect(rowsOfInbox(snapshot, "open", "")[0]?.preview).toBe("alice: I refund you 100");
  });
});

describe("alerts", () => {
  const ALL: Preferences = { sound: true, notifications: true, titleBadge: true, cannedReplies: [] };

  async function alerted(preferences: Preferences) {
    const { world, desk } = await deskWithChats(["Ada"]);
    const calls = { beep: vi.fn(), notify: vi.fn(), setTitle: vi.fn() };
    const alerts = createAlerts(calls);
    alerts.follow(desk.getSnapshot(), preferences);
    alerts.follow(desk.getSnapshot(), preferences);
    return { world, desk, calls };
  }

  it("call once for a message that nobody has seen", async () => {
    const { world, desk, calls } = await alerted(ALL);
    expect(unreadIn(desk.getSnapshot())).toBe(1);
    expect(calls.beep).toHaveBeenCalledOnce();
    expect(calls.notify.mock.calls).toEqual([["Ada", "Hello from Ada", world.contact().id]]);
    expect(calls.setTitle).toHaveBeenLastCalledWith("(1) Seller Chat");
  });

  it("can each be switched off", async () => {
    const { calls } = await alerted({ ...ALL, sound: false, notifications: false, titleBadge: false });
    expect(calls.beep).not.toHaveBeenCalled();
    expect(calls.notify).not.toHaveBeenCalled();
    expect(calls.setTitle).toHaveBeenLastCalledWith("Seller Chat");
  });
});

it("a canned reply says the visitor's name", () => {
  expect(filledReply("Hello {name}! {name}?", "Ada")).toBe("Hello Ada! Ada?");
});
