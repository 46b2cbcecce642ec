// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { createWorld } from "../world/world";
import { button, choose, deskPageWith, fill, find, leave, listed, press, textOf } from "./desk-page";

const HOUR = 60 * 60_000;

afterEach(leave);

async function block(page: Awaited<ReturnType<typeof deskPageWith>>, reason = "Insults", minutes = 24 * 60) {
  await press("Block the visitor");
  await fill("#block-reason", reason);
  find<HTMLSelectElement>("#block-minutes").value = String(minutes);
  find<HTMLFormElement>("form.block").requestSubmit();
  await page.settle();
}

describe("a visitor who is blocked", () => {
  it("is gone from the list, and the next one opens", async () => {
    const page = await deskPageWith(["Ada", "Grace"]);
    await choose("Ada");
    await block(page);
    expect(page.frames("blockVisitor")).toMatchObject([{ minutes: 24 * 60, reason: "Insults" }]);
    expect(textOf(".toast span")).toMatch(/^Ada is blocked until /);
    expect([textOf(".conversation h2"), listed()]).toEqual(["Grace", ["Grace"]]);
  });

  it("is told so, and nothing of what they write arrives", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await block(page);
    const [ada] = page.visitors;
    ada?.send("Let me in");
    await page.settle(5_000);
    expect(ada?.getSnapshot().conversation?.outgoing).toMatchObject([{ state: "failed", failure: "blocked" }]);
  });

  it("may write again after an undo", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await block(page);
    await press("Undo");
    await page.settle();
    expect(textOf(".toast span")).toBe("Ada may write again.");
    const [ada] = page.visitors;
    ada?.send("Thank you");
    await page.settle(5_000);
    expect(listed()).toEqual(["Ada"]);
  });

  it("may write again when the time is over", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await block(page, "Insults", 60);
    await page.settle(HOUR);
    const [ada] = page.visitors;
    ada?.send("I am calm now");
    await page.settle(5_000);
    expect(listed()).toEqual(["Ada"]);
  });

  it("stays where it was refused, with a sentence for people", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    page.disturb({ refuses: ({ action }) => (action === "blockVisitor" ? "forbidden" : undefined) });
    await block(page);
    expect(textOf("#block-said")).toBe("Not blocked. This chat is with somebody else now.");
    expect(find<HTMLInputElement>("#block-reason").value).toBe("Insults");
    expect(textOf(".conversation h2")).toBe("Ada");
  });

  it("is asked for again where no answer came", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    let lost = 0;
    page.disturb({ failsAfterStoring: ({ action }) => action === "blockVisitor" && lost++ === 0 });
    await block(page);
    await page.settle(3_000);
    expect(page.frames("blockVisitor").length).toBe(2);
    expect(textOf(".toast span")).toMatch(/^Ada is blocked until /);
  });
});

describe("the list of those who are blocked", () => {
  it("says who, why and by whom, the newest first, and lifts a block", async () => {
    const page = await deskPageWith(["Ada", "Grace"]);
    for (const [name, reason] of [
      ["Ada", "Insults"],
      ["Grace", "Advertising"],
    ] as const) {
      await choose(name);
      await block(page, reason);
    }
    await press("Blocked visitors");
    await page.settle();
    const rows = () => [...document.querySelectorAll(".blocked li > p:first-child")].map((row) => row.textContent);
    expect(rows()).toEqual(["Grace: Advertising", "Ada: Insults"]);
    button("Unblock").click();
    await page.settle();
    expect(rows()).toEqual(["Ada: Insults"]);
  });

  it("lifts no block for who was removed from the shop, and says so", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await block(page);
    page.disturb({ refuses: ({ action }) => (action === "unblockVisitor" ? "unknown_seller" : undefined) });
    await press("Undo");
    await page.settle();
    expect(textOf(".toast span")).toBe("Still blocked. You are not registered here any more. Ask your shop.");
  });

  it("lists nobody whose block was just lifted, though the index still does", async () => {
    const world = createWorld();
    const page = await deskPageWith(["Ada"], world);
    await choose("Ada");
    await block(page);
    await press("Blocked visitors");
    await page.settle();
    vi.spyOn(world.server.blocks, "delete").mockReturnValue(true);
    button("Unblock").click();
    await page.settle();
    expect(textOf("dialog .caption")).toBe("Nobody is blocked.");
  });

  it("says that it is empty", async () => {
    const page = await deskPageWith([]);
    await press("Blocked visitors");
    await page.settle();
    expect(textOf("dialog .caption")).toBe("Nobody is blocked.");
  });
});
