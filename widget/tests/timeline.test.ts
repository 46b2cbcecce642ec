import { describe, expect, it } from "vitest";
import type { ConversationView, Entry } from "../src/core";
import { splitLinks } from "../src/timeline/links";
import { isEmojiOnly, MessageText } from "../src/timeline/message-text";
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
    ["see https://a.test/b?c=d#e now", "https://a.test/b?c=d#e", "https://a.test/b?c=d#e"],
    ["(http://a.test).", "http://a.test", "http://a.test"],
    ["see https://a.test/Bowl_(disambiguation)", "https://a.test/Bowl_(disambiguation)", undefined],
    ["(see https://a.test/Bowl_(clay)).", "https://a.test/Bowl_(clay)", undefined],
    ["[https://a.test/a_(b)]!", "https://a.test/a_(b)", undefined],
    ["at www.kiln.example, or", "www.kiln.example", "https://www.kiln.example"],
    ["at kiln.example/bowls.", "kiln.example/bowls", "https://kiln.example/bowls"],
    ["write to hi@kiln.example.", "hi@kiln.example", "mailto:hi@kiln.example"],
    ["call +49 (30) 9018-20 today", "+49 (30) 9018-20", "tel:+4930901820"],
  ])("in %j are found", (text, shown, href = shown) => {
    expect(splitLinks(text).filter((part) => part.href)).toEqual([{ text: shown, href }]);
    expect(
      splitLinks(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  it.each([
    ["https://paypal.com@evil.example/login"],
    ["https://paypal.com:x@evil.example/login"],
    ["https://shop.example/\u202egpj.exe"],
    ["https://shop\u200b.example/"],
    ["www.shop\u00ad.example"],
  ])("are none that look like another: %j", (text) => {
    expect(
      splitLinks(text)
        .map((part) => part.href)
        .filter(Boolean),
    ).not.toContain(text);
    expect(splitLinks(text).some((part) => part.href?.includes("evil") || /\p{Cf}/u.test(part.href ?? ""))).toBe(false);
  });

  it.each([
    ["https://\u0430\u0440\u0440\u04cf\u0435.com/login", "https://xn--80ak6aa92e.com/login"],
    ["www.m\u00fcller.example/a\u00f6", "www.xn--mller-kva.example/a\u00f6"],
    ["https://shop.example/\u0446\u0432\u0435\u0442", "https://shop.example/\u0446\u0432\u0435\u0442"],
    ["https://m\u00fcller$&.example/", "https://xn--mller$&-n2a.example/"],
  ])("show where they lead: %j", (text, shown) => {
    expect(splitLinks(text)[0]?.text).toBe(shown);
  });

  it("may follow each other", () => {
    expect(splitLinks("https://a.test https://b.test").map((part) => part.text)).toEqual([
      "https://a.test",
      " ",
      "https://b.test",
    ]);
  });

  it.each([
    ["javascript:alert(1)"],
    ["data:text/html,x file:///etc/passwd"],
    ["https:// alone"],
    ["order 4711-0815, 3/4 of it, and/or e.g. this"],
    ["1+1 = 2, a.b, @ home, a@b"],
    [`${"a".repeat(2000)}@${"b-".repeat(1000)}`],
    [""],
  ])("are not in %j", (text) => {
    expect(splitLinks(text).filter(({ href }) => href)).toEqual([]);
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
    expect(rows.map(({ isFollowed }) => isFollowed)).toEqual([true, false, false, false]);
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

  it.each(["\n", "\r\n", "\r", "\u2028", "\u0085"])("lets nobody write a line of another by %j", (end) => {
    const forged = `Hi${end}[2026-11-28T10:00:00.000Z] Seller: You get 500 back.`;
    const text = transcriptOf(rowsOf(view([entry(1, OWN, "2026-11-20T12:00:00Z", forged)])), {
      own: "You",
      peer: "Seller",
    });
    expect(text).toBe("[2026-11-20T12:00:00.000Z] You: Hi\n    [2026-11-28T10:00:00.000Z] Seller: You get 500 back.\n");
  });
});

describe("a transcript of any text and name", () => {
  it("has as many lines that begin like one as there are messages", () => {
    const any = Array.from({ length: 0x10000 }, (_, code) => `${String.fromCharCode(code)}[`).join("");
    const rows = rowsOf(
      view([entry(1, OWN, "2026-11-20T12:00:00Z", any), entry(2, "123456", "2026-11-20T12:01:00Z", any)]),
    );
    const lines = transcriptOf(rows, { own: any, peer: any }).split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/);
    expect(lines.filter((line) => line.startsWith("["))).toHaveLength(2);
  });
});

describe("a name in a transcript", () => {
  it.each(["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "👩‍👩‍👧"])(
    "keeps what joins its letters: %j",
    (name) => {
      const rows = rowsOf(view([entry(1, "123456", "2026-11-20T12:00:00Z", "Hi")]));
      expect(transcriptOf(rows, { own: "You", peer: name })).toContain(`] ${name}: Hi\n`);
    },
  );

  it("is one word of its line, whatever it is", () => {
    const name = "You: a full refund\n[2026-11-28T10:00:00.000Z] You\u202e";
    const text = transcriptOf(rowsOf(view([entry(1, "123456", "2026-11-20T12:00:00Z", "Hi")])), {
      own: "You",
      peer: name,
    });
    expect(text.split("\n").filter((line) => line.startsWith("["))).toHaveLength(1);
    expect(text).not.toContain("\u202e");
  });
});

describe("days", () => {
  it("have the names that people give them", () => {
    // By the local calendar: noon in Greenwich is another day in Auckland, and a day may have 23 hours.
    const noon = (daysAgo: number) => new Date().setHours(12 - 24 * daysAgo, 0, 0, 0);
    expect(timesIn("en").day(noon(0))).toBe("today");
    expect(timesIn("de").day(noon(1))).toBe("gestern");
    expect(timesIn("en").day(new Date(2020, 1, 3, 12).getTime())).toContain("3");
  });

  it("are written in one kind of digits for everybody who reads Arabic without a country", () => {
    expect(timesIn("ar").clock(new Date(2020, 1, 3, 11, 37).getTime())).toContain("37");
  });
});

describe("emoji alone", () => {
  it.each(["👍", "👍🏽", "👨‍👩‍👧", "🇩🇪", "❤️", "😀 😀"])("%s are large", (text) => {
    expect(isEmojiOnly(text)).toBe(true);
  });

  it.each(["", "1", "#", "ok 👍", "12", "©ompany", "a"])("%j is none", (text) => {
    expect(isEmojiOnly(text)).toBe(false);
  });
});

it("lets a page that a link leads to know nothing of this one, and no search engine count it", () => {
  const { children } = MessageText({ text: "https://shop.example" }).props;
  expect(children).toEqual([
    expect.objectContaining({
      type: "a",
      props: expect.objectContaining({ target: "_blank", rel: "noopener noreferrer nofollow ugc" }),
    }),
  ]);
});
