import { describe, expect, it } from "vitest";
import type { ConversationView, Entry } from "../src/core";
import { splitLinks } from "../src/timeline/links";
import { rowsOf } from "../src/timeline/rows";
import { timesIn } from "../src/timeline/times";
import { transcriptOf } from "../src/timeline/transcript";

const OWN = "visitor-c1";

function entry(seq: number, from: string, timestamp: string, message = `text ${seq}`): Entry {
  return { seq, kind: "message", from, timestamp, message, id: `id-${seq}` };
}

function view(items: ConversationView["items"], changes: Partial<ConversationView> = {}): ConversationView {
  return {
    contactId: "c1",
    status: "open",
    sellerId: "123456",
    userInfo: undefined,
    items,
    outgoing: [],
    ownName: OWN,
    peerMarks: { delivered: 0, read: 0 },
    ownMarks: { delivered: 0, read: 0 },
    unread: 0,
    peerTyping: false,
    loaded: true,
    ...changes,
  };
}

describe("links", () => {
  it.each([
    ["see https://a.test/b?c=d#e now", ["see ", "https://a.test/b?c=d#e", " now"]],
    ["(http://a.test).", ["(", "http://a.test", ")."]],
    ["https://a.test https://b.test", ["https://a.test", " ", "https://b.test"]],
    ["javascript:alert(1)", ["javascript:alert(1)"]],
    ["data:text/html,x file:///etc/passwd", ["data:text/html,x file:///etc/passwd"]],
    ["https:// alone", ["https:// alone"]],
    ["", []],
  ])("in %j are found", (text, parts) => {
    expect(splitLinks(text).map((part) => part.text)).toEqual(parts);
    for (const { href, text: shown } of splitLinks(text)) if (href) expect(href).toBe(shown);
  });
});

describe("rows", () => {
  it("begin each day with a line", () => {
    const rows = rowsOf(view([entry(1, OWN, "2026-11-20T12:00:00Z"), entry(2, OWN, "2026-11-21T12:00:00Z")]));
    expect(rows.map(({ kind }) => kind)).toEqual(["day", "message", "day", "message"]);
  });

  it("keep what one person writes within five minutes together", () => {
    const at = (time: string) => `2026-11-20T12:${time}:00Z`;
    const items = [
      entry(1, OWN, at("00")),
      entry(2, OWN, at("04")),
      entry(3, "123456", at("05")),
      entry(4, "123456", at("30")),
    ];
    const rows = rowsOf(view(items)).filter((row) => row.kind === "message");
    expect(rows.map(({ isContinued }) => isContinued)).toEqual([false, true, false, false]);
  });

  it("tell of one's own messages how far they have come", () => {
    const items = [1, 2, 3].map((seq) => entry(seq, OWN, "2026-11-20T12:00:00Z"));
    const rows = rowsOf(view(items, { peerMarks: { delivered: 2, read: 1 } })).filter((row) => row.kind === "message");
    expect(rows.map(({ state }) => state)).toEqual(["read", "delivered", "sent"]);
  });

  it("keep a message's key when it is stored", () => {
    const outgoing = [{ id: "id-1", text: "text 1", createdAt: 0, state: "sending" as const }];
    const before = rowsOf(view([], { outgoing })).at(-1)?.key;
    expect(rowsOf(view([entry(1, OWN, "2026-11-20T12:00:00Z")])).at(-1)?.key).toBe(before);
  });

  it("never share a key, whatever ids the other side chose", () => {
    const items = [
      entry(1, OWN, "2026-11-20T12:00:00Z"),
      { ...entry(2, "123456", "2026-11-20T12:00:00Z"), id: "id-1" },
    ];
    const keys = rowsOf(view(items)).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("show where entries are gone for good", () => {
    const rows = rowsOf(view([{ kind: "break", from: 1, to: 4 }, entry(5, OWN, "2026-11-20T12:00:00Z")]));
    expect(rows[0]?.kind).toBe("break");
  });
});

describe("a transcript", () => {
  it("is a line a message, with who wrote it and when", () => {
    const rows = rowsOf(
      view([entry(1, OWN, "2026-11-20T12:00:00Z", "Hi"), entry(2, "123456", "2026-11-20T12:01:00Z", "Hello")]),
    );
    expect(transcriptOf(rows, { own: "You", peer: "Seller" })).toBe(
      "[2026-11-20T12:00:00.000Z] You: Hi\n[2026-11-20T12:01:00.000Z] Seller: Hello\n",
    );
  });
});

describe("days", () => {
  it("have the names that people give them", () => {
    const now = Date.now();
    expect(timesIn("en").day(now)).toBe("today");
    expect(timesIn("de").day(now - 86_400_000)).toBe("gestern");
    expect(timesIn("en").day(Date.parse("2020-02-03T12:00:00Z"))).toContain("3");
  });
});
