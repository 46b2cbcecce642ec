import { describe, expect, it, vi } from "vitest";
import { rowsOfDesk, transcriptOfDesk } from "../../src/console/conversation/colleagues";
import { slashBefore } from "../../src/console/conversation/slash";
import { nameOf, rowsOfInbox } from "../../src/console/inbox/contacts";
import { shownName } from "../../src/console/inbox/names";
import { credentialsFrom, sessionOf } from "../../src/console/session/session";
import { filledReply } from "../../src/console/settings/preferences";
import { tokenOf as token } from "../world/tokens";
import { SELLER } from "../world/world";
import { deskWithChats } from "./chats";

const NOW = Date.parse("2026-11-23T10:00:00Z");

describe("a token", () => {
  it("names the seller, whatever script his name is in", () => {
    expect(sessionOf(token({ sub: "विक्रेता", exp: NOW / 1000 + 60 }))?.sellerId).toBe("विक्रेता");
  });

  it("may be pasted with white space around it", () => {
    expect(sessionOf(`  ${token({ sub: "7" })}\n`)?.token).toBe(token({ sub: "7" }));
  });

  it("is not judged by this computer's clock, which may be wrong", () => {
    expect(sessionOf(token({ sub: "7", exp: 1 }))).toMatchObject({ sellerId: "7", endsAt: 1_000 });
  });

  it.each([["nonsense"], ["a.b.c"], [""], [token({})]])("%s signs nobody in", (text) => {
    expect(sessionOf(text)).toBeUndefined();
  });
});

describe("credentials", () => {
  const session = { sellerId: SELLER, token: "the-token" };
  const at = { webSocketUrl: "wss://chat.test", restUrl: "https://rest.test" };

  async function answered(status: number, body: object) {
    const calls = vi.fn(async () => new Response(JSON.stringify(body), { status }));
    vi.stubGlobal("fetch", calls);
    try {
      return { credentials: await credentialsFrom(() => session, at)("connect"), calls };
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

  it("are the token itself where that door is flooded, or does not work", async () => {
    for (const status of [429, 500, 503]) {
      expect((await answered(status, {})).credentials).toEqual({ token: "the-token" });
    }
  });

  it("are none after the server ended the session", async () => {
    expect(await credentialsFrom(() => session, at)("expired")).toBeUndefined();
  });

  it("are had for the new token once the session was renewed", async () => {
    let current = session;
    const credentials = credentialsFrom(() => current, { webSocketUrl: "wss://chat.test" });
    expect(await credentials("expired")).toBeUndefined();
    current = { ...session, token: "a-new-token" };
    expect(await credentials("expired")).toEqual({ token: "a-new-token" });
    expect(await credentials("expired")).toBeUndefined();
  });

  it("are the token itself where there is no REST API", async () => {
    expect(await credentialsFrom(() => session, { webSocketUrl: "wss://chat.test" })("connect")).toEqual({
      token: "the-token",
    });
  });
});

describe("the inbox", () => {
  it("lists the latest activity first, with what was said last and how much is unread", async () => {
    const { world, desk } = await deskWithChats(["Ada", "Grace"]);
    const names = () =>
      rowsOfInbox(desk.getSnapshot(), "open").map(({ name, writer, preview, unread }) => [
        name,
        writer,
        preview,
        unread,
      ]);
    expect(names()).toEqual([
      ["Grace", undefined, "Hello from Grace", 1],
      ["Ada", undefined, "Hello from Ada", 1],
    ]);
    const first = world.contact().id;
    desk.setVisible(first);
    desk.send(first, "Hello Ada");
    await world.clock.advance(5_000);
    expect(names()).toEqual([
      ["Ada", "You", "Hello Ada", 0],
      ["Grace", undefined, "Hello from Grace", 1],
    ]);
  });

  it("is searched by name, by what was said at any time and by what is known of the visitor", async () => {
    const { world, desk } = await deskWithChats(["Ada", "Grace"]);
    const found = (search: string) => rowsOfInbox(desk.getSnapshot(), "open", { search }).map(({ name }) => name);
    expect(found("gRA")).toEqual(["Grace"]);
    expect(found("hello from ada")).toEqual(["Ada"]);
    expect(found("nobody")).toEqual([]);
    const { id } = world.contact();
    for (const text of ["My order is 4711", "Thank you"]) world.server.say(id, "visitor", text);
    await world.clock.advance(1_000);
    expect(found("4711")).toEqual(["Ada"]);
    expect(found("@example")).toEqual(["Ada", "Grace"]);
  });

  it("lets a chat go as soon as it has ended, before the server lists it anew", async () => {
    const { world, desk } = await deskWithChats(["Ada"]);
    await Promise.all([desk.close(world.contact().id), world.clock.advance(300)]);
    await world.clock.advance(5_000);
    expect(rowsOfInbox(desk.getSnapshot(), "open")).toEqual([]);
    expect(rowsOfInbox(desk.getSnapshot(), "closed").map(({ name }) => name)).toEqual(["Ada"]);
  });

  it("gives a visitor without a name one that tells him from the others", () => {
    expect(nameOf("contact-12345", undefined)).toBe("Visitor 12345");
  });

  it.each([" ", "\u200b", "\u2800\u00ad", "\u3164", "\u{e0041}"])(
    "gives one to a visitor whose name shows nothing, too: %j",
    async (name) => {
      const { world, desk } = await deskWithChats([name]);
      const { id } = world.contact();
      expect(nameOf(id, desk.getSnapshot().conversations.get(id))).toBe(`Visitor ${id.slice(-5)}`);
    },
  );
});

describe("a visitor's name", () => {
  it.each([
    "\u200b",
    "\u200d",
    "\u200c",
    "\u200f",
    "\u061c",
    "\u00ad",
    "\u2060",
    "\ufeff",
    "\u3164",
    "\ufe0f",
    "\u{e0041}",
    "\u{e0100}",
  ])("looks like no other for what nobody sees: %j", (unseen) =>
    expect(shownName("c", `${unseen}A${unseen}da${unseen}`)).toBe("Ada"),
  );

  it("is written in one way, whichever way its characters are made up", () => {
    expect(shownName("c", "Zoe\u0308 \u212bsa")).toBe("Zoë Åsa".normalize());
  });

  it("has its words apart by a space, whatever stands between them", () => {
    expect(shownName("c", "\u3000Ada \u00a0 \u200b King\u2003")).toBe("Ada King");
  });

  it.each([
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937",
    "Ada 👩‍👩‍👧",
    "❤️‍🔥",
    "🏳️‍🌈",
    "1️⃣",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "葛\u{e0100}城",
    "Zoë Ж שלום",
  ])("keeps what shows: %j", (name) => expect(shownName("c", name)).toBe(name));
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
    expect(transcriptOfDesk(view, "Ada")).toContain("] alice: I refund you 100\n");
    expect(rowsOfInbox(snapshot, "open")[0]).toMatchObject({ writer: "alice", preview: "I refund you 100" });
  });
});

describe("the transcript of a chat", () => {
  const alike = ["You", "alice", "You: all of it\u200b [2026-11-28T10:00:00.000Z] alice"];
  it.each([...alike])("says who is the visitor, though they call themself like a seller: %j", async (name) => {
    const { world, desk } = await deskWithChats([name]);
    const { id } = world.contact();
    const view = desk.getSnapshot().conversations.get(id);
    const lines = view && transcriptOfDesk(view, nameOf(id, view)).trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(lines?.[0]).toMatch(/^\[[^\]]+\] \(visitor\) .+: Hello from /);
  });
});

describe("a canned reply", () => {
  it.each(["हिन्दी", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "grüße-2"])(
    "is asked for by a name like %j",
    (name) => {
      expect(slashBefore(`Well, /${name}`, name.length + 7)).toEqual({ from: 6, to: name.length + 7, query: name });
    },
  );

  it("says the visitor's name", () => {
    expect(filledReply("Hello {name}! {name}?", "Ada")).toBe("Hello Ada! Ada?");
  });

  it("says a name with dollar signs as it is", () => {
    expect(filledReply("Hello {name}!", "Ca$$h $& $'Y")).toBe("Hello Ca$$h $& $'Y!");
  });

  it("says a name that looks like a place for another as it is", () => {
    expect(filledReply("Hello {name}, this is {seller}.", "{seller}", "{name}")).toBe(
      "Hello {seller}, this is {name}.",
    );
  });

  it("says the seller's name", () => {
    expect(filledReply("This is {seller}.", "Ada", "Grace")).toBe("This is Grace.");
  });
});
