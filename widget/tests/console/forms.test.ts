// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { choose, deskPageWith, fill, find, leave, press, pressKey, textOf } from "./desk-page";

afterEach(leave);

async function deskWithAda() {
  const page = await deskPageWith(["Ada"]);
  await choose("Ada");
  await page.settle();
  return page;
}

const submit = (form: string) => find<HTMLFormElement>(form).requestSubmit();

/** What a screen reader says of a field beside its name. */
function said(selector: string): string {
  const ids = find(selector).getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids
    .map((id) => document.getElementById(id)?.textContent?.trim() ?? "")
    .filter(Boolean)
    .join(" ");
}

const FIELDS: readonly (readonly [string, string, string, number])[] = [
  ["note", "#note", ".notes form", 1_000],
  ["note for who gets a chat", "#transfer-note", ".transfer", 1_000],
  ["tag", ".tag-bar input", ".tag-bar", 32],
  ["reason for a block", "#block-reason", "form.block", 200],
];

describe("a field with a limit", () => {
  it.each(FIELDS)("tells how much room a %s has, keeps what is too long, and does not send it", async (...given) => {
    const [, field, form, longest] = given;
    const page = await deskWithAda();
    if (form === "form.block") await press("Block the visitor");
    if (form === ".transfer") await fill("#transfer-to", "bob");
    // Each is one character and two halves.
    await fill(field, "🏺".repeat(longest - 5));
    expect(said(field)).toBe("5 characters left.");
    expect(find(field).getAttribute("aria-invalid")).toBe("false");

    await fill(field, "🏺".repeat(longest + 1));
    submit(form);
    await page.settle();

    expect(find<HTMLInputElement>(field).value).toBe("🏺".repeat(longest + 1));
    expect(said(field)).toBe("Too long by 1 character.");
    expect(find(field).getAttribute("aria-invalid")).toBe("true");
    for (const action of ["note", "transferChat", "blockVisitor"] as const) expect(page.frames(action)).toEqual([]);
    expect(page.frames("tag").filter(({ add }) => add)).toEqual([]);
  });

  it("tells how much room a message has, and does not send what is too long", async () => {
    const page = await deskWithAda();
    await fill(".composer textarea", "🏺".repeat(3_799));
    expect(said(".composer textarea")).toBe("");
    await fill(".composer textarea", "🏺".repeat(3_995));
    expect(said(".composer textarea")).toBe("5 characters left.");
    await fill(".composer textarea", "🏺".repeat(4_001));
    submit(".composer");
    await page.settle();
    expect(said(".composer textarea")).toBe("Too long by 1 character.");
    expect(page.frames("sendMessage").map(({ message }) => message)).toEqual(["Hello from Ada"]);
  });

  it("tells of a search that is too long how much of it is looked for, and sends no half of a character", async () => {
    const page = await deskWithAda();
    await fill(".find input", "🏺".repeat(101));
    expect(said(".find input")).toBe("Of so much only the first 100 characters are searched for in all chats.");
    await pressKey("Enter", {}, find(".find input"));
    await page.settle();
    expect(page.frames("search").at(-1)?.query).toBe("🏺".repeat(100));
    await fill(".find input", "bowl");
    expect(said(".find input")).toBe("");
  });
});

describe("a field of which nobody would see anything", () => {
  it.each([
    ["note", "#note", ".notes form"],
    ["note for who gets a chat", "#transfer-note", ".transfer"],
    ["tag", ".tag-bar input", ".tag-bar"],
  ])("says so of a %s, and sends nothing", async (_, field, form) => {
    const page = await deskWithAda();
    if (form === ".transfer") await fill("#transfer-to", "bob");
    await fill(field, "\u200b\u2060");
    expect(said(field)).toBe("Nobody would see anything of this. Write something else.");
    expect(find(field).getAttribute("aria-invalid")).toBe("true");
    submit(form);
    await page.settle();
    for (const action of ["note", "transferChat"] as const) expect(page.frames(action)).toEqual([]);
    expect(page.frames("tag").filter(({ add }) => add)).toEqual([]);
    await fill(field, "bowl");
    expect(find(field).getAttribute("aria-invalid")).toBe("false");
  });

  it("says so of a message until something else is written, and sends nothing", async () => {
    const page = await deskWithAda();
    await fill(".composer textarea", "\u200b\u2060");
    submit(".composer");
    await page.settle();
    expect(textOf(".answer [role=alert]")).toBe("Not sent. Nobody would see anything of this. Write something else.");
    expect(page.frames("sendMessage").map(({ message }) => message)).toEqual(["Hello from Ada"]);
    await fill(".composer textarea", "bowl");
    expect(document.querySelector(".answer [role=alert]")).toBeNull();
  });
});

describe("what is searched for", () => {
  it("has nothing in it that nobody sees, which the server refuses", async () => {
    const page = await deskWithAda();
    await fill(".find input", "\u202eblue\u200b\n bowl\u0000");
    await pressKey("Enter", {}, find(".find input"));
    await page.settle();
    expect(page.frames("search").at(-1)?.query).toBe("blue bowl");
    expect(textOf(".empty")).toBe("Nothing found for “blue bowl” in this list.");
  });

  it("is nothing where nobody sees anything", async () => {
    const page = await deskWithAda();
    await fill(".find input", "\u200b\u202e");
    await pressKey("Enter", {}, find(".find input"));
    await page.settle();
    expect(page.frames("search")).toEqual([]);
    expect(textOf(".contact .name")).toBe("Ada");
  });

  it("is told back in its beginning where it is long, and apart from the sentence, whatever its direction", async () => {
    const page = await deskWithAda();
    for (const [field, told] of [
      [".find input", ".empty"],
      ["#transfer-to", ".transfer .caption"],
    ] as const) {
      await fill(field, "שלום".repeat(2_500));
      await page.settle();
      expect([...(find(`${told} bdi`).textContent ?? "")].length).toBe(60);
    }
  });
});

describe("a form whose answer is a refusal", () => {
  it("keeps whom a chat was to be given to, and the note, if that was not kept either", async () => {
    const page = await deskWithAda();
    const values = () => ["#transfer-to", "#transfer-note"].map((each) => find<HTMLInputElement>(each).value);
    await fill("#transfer-to", "bob");
    await fill("#transfer-note", "Was promised a voucher");
    page.disturb({ refuses: ({ action }) => (action === "note" ? "forbidden" : undefined) });
    submit(".transfer");
    await page.settle();
    expect(values()).toEqual(["bob", "Was promised a voucher"]);

    page.disturb({ refuses: ({ action }) => (action === "transferChat" ? "seller_full" : undefined) });
    submit(".transfer");
    await page.settle();
    expect(values()).toEqual(["bob", ""]);
    expect(textOf(".toast span")).toBe(
      "Not handed over. They have no room for one more chat right now. Choose somebody else, or try again later. Your note was kept.",
    );
  });

  it("keeps the time until which a chat was to be snoozed", async () => {
    const page = await deskWithAda();
    const wanted = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await fill("#snooze-until", wanted);
    page.disturb({ refuses: ({ action }) => (action === "snooze" ? "bad_field" : undefined) });
    submit(".pick-time");
    await page.settle();
    expect(find<HTMLInputElement>("#snooze-until").value).toBe(wanted);
  });

  it("says of a time that is none, or past, what is wrong, at the field", async () => {
    await deskWithAda();
    for (const wrong of ["", "2020-01-01T09:00"]) {
      await fill("#snooze-until", wrong);
      submit(".pick-time");
      await fill("#snooze-until", wrong);
      expect(said("#snooze-until")).toBe("Pick a time to come, at most 30 days from now.");
      expect(find("#snooze-until").getAttribute("aria-invalid")).toBe("true");
    }
  });
});

describe("the seller's own reply", () => {
  it("is kept as it was changed, and no other one is, where another tab deleted one before it meanwhile", async () => {
    const page = await deskWithAda();
    const stored = (): { cannedReplies: readonly { readonly text: string }[] } =>
      JSON.parse(localStorage.getItem("seller-console:preferences") ?? "{}");
    await press("Edit: Is there anything else I can do for you?");
    const others = [
      { name: "moment", text: "One moment." },
      { name: "thanks", text: "Thank you." },
    ];
    localStorage.setItem("seller-console:preferences", JSON.stringify({ cannedReplies: others }));
    window.dispatchEvent(new StorageEvent("storage", { key: "seller-console:preferences" }));
    await page.settle();
    await fill(".editor textarea", "Anything else?");
    await press("Save");
    expect(stored().cannedReplies.map(({ text }) => text)).toEqual(["One moment.", "Thank you.", "Anything else?"]);
  });
});
