// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { SELLER, type World } from "../world/world";
import { choose, deskPageWith, fill, find, leave, press, textOf, write } from "./desk-page";

afterEach(leave);

/** A page on which the first of the chats is read. */
async function deskWith(names: readonly string[], world?: World) {
  const page = await deskPageWith(names, world);
  await choose(names[0] ?? "");
  await page.settle();
  return page;
}

type Page = Awaited<ReturnType<typeof deskWith>>;

async function note(page: Page, text: string): Promise<void> {
  await fill("#note", text);
  await page.settle();
  await press("Keep note");
  await page.settle();
}

const noted = () => [...document.querySelectorAll(".notes li p")].map(({ textContent }) => textContent);

describe("notes", () => {
  it("are kept in their order, with who wrote them, and the visitor gets none", async () => {
    const page = await deskWith(["Ada"]);
    await note(page, "Wants a refund");
    await note(page, "Has the receipt");
    expect(noted()).toEqual(["Wants a refund", "Has the receipt"]);
    expect(textOf(".notes li small")).toMatch(/^You, /);
    expect(page.frames("note").map(({ base }) => base)).toEqual([0, 1]);
    expect(JSON.stringify(page.visitors[0]?.getSnapshot())).not.toContain("refund");
  });

  it("are there after a reload, more than one answer brings", async () => {
    const page = await deskWith(["Ada"]);
    for (const text of ["one", "two", "three", "four"]) await note(page, text);
    const again = page.world.sellerTab();
    again.desk.open();
    await page.settle();
    const [contact = ""] = page.server.contacts.keys();
    again.desk.notes.read(contact);
    await page.settle();
    expect(
      again.desk
        .getSnapshot()
        .notes.get(contact)
        ?.map(({ text }) => text),
    ).toEqual(["one", "two", "three", "four"]);
  });

  it("are kept once where the answer was lost", async () => {
    const page = await deskWith(["Ada"]);
    let lost = 0;
    page.disturb({ failsAfterStoring: ({ action }) => action === "note" && lost++ === 0 });
    await note(page, "Wants a refund");
    await page.settle(3_000);
    expect(page.frames("note").length).toBe(2);
    expect(noted()).toEqual(["Wants a refund"]);
  });

  it("stay in the field where they were not kept, and it is said why", async () => {
    const page = await deskWith(["Ada"]);
    page.disturb({ refuses: ({ action }) => (action === "note" ? "forbidden" : undefined) });
    await note(page, "Wants a refund");
    expect(find<HTMLTextAreaElement>("#note").value).toBe("Wants a refund");
    expect(textOf(".toast span")).toBe("The note was not kept. This chat is with somebody else now.");
  });

  it("that were refused after a look at another chat are in the field of theirs", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    page.disturb({ refuses: ({ action }) => (action === "note" ? "too_large" : undefined) });
    await fill("#note", "Wants a refund");
    await press("Keep note");
    await choose("Grace");
    await page.settle();
    expect(textOf(".toast span")).toBe("The note was not kept. This is too long.");
    expect(find<HTMLTextAreaElement>("#note").value).toBe("");
    await choose("Ada");
    expect(find<HTMLTextAreaElement>("#note").value).toBe("Wants a refund");
  });

  it("that were begun are there after a look at another chat", async () => {
    await deskWith(["Ada", "Grace"]);
    await fill("#note", "Wants a");
    await choose("Grace");
    await choose("Ada");
    expect(find<HTMLTextAreaElement>("#note").value).toBe("Wants a");
  });

  it("are text whatever they look like", async () => {
    const page = await deskWith(["Ada"]);
    await note(page, "<img src=x onerror=alert(1)>");
    expect(noted()).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(document.querySelector(".notes img")).toBe(null);
  });

  it("tell how much room is left before there is none", async () => {
    const page = await deskWith(["Ada"]);
    await fill("#note", "x".repeat(950));
    await page.settle();
    expect(textOf(".notes .left")).toBe("50 characters left.");
  });

  it("belong to one chat", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    await note(page, "Wants a refund");
    await choose("Grace");
    await page.settle();
    expect(noted()).toEqual([]);
  });
});

describe("a hand-over with a note", () => {
  async function handOver(page: Page, to: string): Promise<void> {
    await fill("#transfer-to", to);
    await page.settle();
    find<HTMLFormElement>(".transfer").requestSubmit();
    await page.settle();
  }

  it("writes the note before the chat is the colleague's, who reads it", async () => {
    const page = await deskWith(["Ada"]);
    await fill("#transfer-note", "Was promised a voucher");
    await handOver(page, "bob");
    const asked = page.server.received.map(({ frame }) => frame.action);
    expect(asked.indexOf("note")).toBeLessThan(asked.indexOf("transferChat"));
    const bob = page.world.sellerTab({ sellerId: "bob" });
    bob.desk.open();
    await page.settle();
    const [contact = ""] = page.server.contacts.keys();
    bob.desk.notes.read(contact);
    await page.settle();
    expect(bob.desk.getSnapshot().notes.get(contact)).toMatchObject([{ from: SELLER, text: "Was promised a voucher" }]);
  });

  it("offers what is being written to the visitor", async () => {
    await deskWith(["Ada"]);
    await write("I was about to say");
    await press("Take what you were writing");
    expect(find<HTMLTextAreaElement>("#transfer-note").value).toBe("I was about to say");
  });

  it("does not happen where the note was refused", async () => {
    const page = await deskWith(["Ada"]);
    page.disturb({ refuses: ({ action }) => (action === "note" ? "too_large" : undefined) });
    await fill("#transfer-note", "One too many");
    await handOver(page, "bob");
    expect(page.frames("transferChat")).toEqual([]);
    expect(textOf(".toast span")).toBe("Not handed over. This is too long.");
    expect(find<HTMLTextAreaElement>("#transfer-note").value).toBe("One too many");
  });

  it("without a word is as before", async () => {
    const page = await deskWith(["Ada"]);
    await handOver(page, "bob");
    expect(page.frames("note")).toEqual([]);
    expect(textOf(".toast span")).toBe("Ada was handed over to bob.");
  });
});
