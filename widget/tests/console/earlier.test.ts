// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import type { VisitorChat } from "../../src/core";
import { button, choose, deskPageWith, find, leave, press, textOf } from "./desk-page";

afterEach(leave);

/** A page on which a visitor is read who had chats about these things before. */
async function deskAfter(...before: readonly string[]) {
  const page = await deskPageWith(["Ada"]);
  const [ada] = page.visitors;
  if (!ada) throw new Error("Nobody is here.");
  for (const text of [...before, "Hello again"]) {
    await end(page, ada);
    ada.start({ name: "Ada" });
    await page.settle();
    ada.send(text);
    await page.settle();
  }
  await choose("Ada");
  await page.settle();
  return { ...page, ada };
}

async function end({ settle }: { settle: () => Promise<void> }, chat: VisitorChat): Promise<void> {
  const ended = chat.close();
  await settle();
  await ended;
}

const shown = () => [...document.querySelectorAll(".earlier span")].map(({ textContent }) => textContent);
const read = () => [...document.querySelectorAll("dialog .text")].map(({ textContent }) => textContent);

describe("earlier chats", () => {
  it("are none of a visitor who is here for the first time", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await page.settle();
    expect(page.frames("earlier").length).toBe(1);
    expect(document.querySelector(".earlier")).toBeNull();
  });

  it("stand beside the chat that goes on, the newest first, older ones on demand, asked for once", async () => {
    const page = await deskAfter("It is broken", "Where is it?");
    expect(shown()).toEqual(["Where is it?", "It is broken"]);
    expect(textOf(".earlier small")).toMatch(/, with you$/);
    await press("Show older chats");
    await page.settle();
    expect(shown()).toEqual(["Where is it?", "It is broken", "Hello from Ada"]);
    expect(page.frames("earlier").length).toBe(2);
    expect(document.body.textContent).not.toContain("Show older chats");
  });

  it("are read over the page, a page at a time, and put away again", async () => {
    const page = await deskAfter();
    find<HTMLButtonElement>(".earlier button").click();
    await page.settle();
    expect(read()).toEqual(["Hello from Ada"]);
    expect(page.frames("readEarlier").length).toBe(1);
    expect(document.querySelector("dialog textarea")).toBeNull();
    button("Close").click();
    await page.settle();
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("that are long are read on", async () => {
    const page = await deskPageWith(["Ada"]);
    const [ada] = page.visitors;
    for (const text of ["two", "three", "four"]) {
      ada?.send(text);
      await page.settle();
    }
    if (ada) await end(page, ada);
    ada?.start({ name: "Ada" });
    await page.settle();
    ada?.send("Hello again");
    await page.settle();
    await choose("Ada");
    await page.settle();
    find<HTMLButtonElement>(".earlier button").click();
    await page.settle();
    expect(read()).toEqual(["Hello from Ada", "two"]);
    await press("Show more");
    await page.settle();
    expect(read()).toEqual(["Hello from Ada", "two", "three", "four"]);
    expect(page.frames("readEarlier").map(({ after }) => after)).toEqual([undefined, 4]);
  });

  it("are text, whatever they look like", async () => {
    const page = await deskAfter("<img src=x onerror=alert(1)>");
    expect(shown()[0]).toBe("<img src=x onerror=alert(1)>");
    find<HTMLButtonElement>(".earlier button").click();
    await page.settle();
    expect(read()).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(document.querySelector("dialog img, .earlier img")).toBeNull();
  });

  it("that may not be read any more say so, and are tried again", async () => {
    const page = await deskAfter();
    page.disturb({ refuses: ({ action }) => (action === "readEarlier" ? "forbidden" : undefined) });
    find<HTMLButtonElement>(".earlier button").click();
    await page.settle();
    expect(textOf("dialog [role=alert]")).toBe("This chat is with somebody else now.");
    page.disturb({ refuses: () => undefined });
    await press("Try again");
    await page.settle();
    expect(read()).toEqual(["Hello from Ada"]);
  });

  it("are not asked for beside a chat that has ended", async () => {
    const page = await deskAfter();
    const asked = page.frames("earlier").length;
    await end(page, page.ada);
    expect(document.querySelector(".earlier")).toBeNull();
    expect(page.frames("earlier").length).toBe(asked);
  });

  it("of which the first pages show none are offered, and not before they are looked through", async () => {
    const page = await deskPageWith(["Ada"]);
    const [contact_id = ""] = page.server.contacts.keys();
    page.disturb({ refuses: ({ action }) => (action === "earlier" ? "try_again" : undefined) });
    await choose("Ada");
    await page.settle();
    const showNothing = async (next: string) => {
      page.server.pushToAll({ action: "earlier", contact_id, contacts: [], next });
      await page.settle(100);
    };
    for (const next of ["1", "2"]) await showNothing(next);
    expect(document.body.textContent).not.toContain("Show older chats");
    await showNothing("3");
    expect(button("Show older chats")).toBeTruthy();
  });

  it("are asked for again where the answer was lost", async () => {
    let lost = 0;
    const page = await deskPageWith(["Ada"]);
    page.disturb({ failsAfterStoring: ({ action }) => action === "earlier" && lost++ === 0 });
    await choose("Ada");
    await page.settle(3_000);
    expect(page.frames("earlier").length).toBe(2);
  });
});
