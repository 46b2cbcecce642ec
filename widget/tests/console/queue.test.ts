// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { rowsOfInbox } from "../../src/console/inbox/contacts";
import { createVisitorChat } from "../../src/core";
import { createDevice } from "../world/device";
import { createWorld, type World } from "../world/world";
import { button, choose, deskPage, leave, listed, press, pressKey, textOf } from "./desk-page";

afterEach(leave);

/** A visitor who asks for the team, of which nobody is free. */
async function waitingVisitor(world: World, name: string) {
  const tab = createDevice(world.clock, world.chance, world.server).openTab();
  const chat = createVisitorChat({ sellerId: "support", socketUrl: "wss://chat.test/local" }, tab.ports);
  chat.start({ name });
  await world.clock.advance(1_000);
  chat.send(`${name} asks`);
  await world.clock.advance(1_000);
  return chat;
}

async function deskWithQueue(names: readonly string[]) {
  const world = createWorld();
  world.server.needsPresence = true;
  const page = await deskPage({ world });
  const waiting = [];
  for (const name of names) waiting.push(await waitingVisitor(world, name));
  await page.settle(5_000);
  return { ...page, waiting };
}

/** The queue has one visitor, whose chat is open on the screen. */
async function deskThatReadsAda() {
  const page = await deskWithQueue(["Ada"]);
  await press("Queue1");
  await page.settle();
  await choose("Ada");
  await page.settle();
  return page;
}

const toast = () => textOf(".toast span");
const queued = () => [...document.querySelectorAll(".tabs button")].map(({ textContent }) => textContent)[1];

describe("the queue", () => {
  it("is told to a console that looks elsewhere, without being asked for", async () => {
    const page = await deskWithQueue([]);
    await page.settle(5_000);
    const asked = page.frames("inbox").length;
    await waitingVisitor(page.world, "Ada");
    await page.settle(300);
    expect(queued()).toBe("Queue1");
    expect(page.frames("inbox").length).toBe(asked);
  });

  it("shows names and last lines in the order in which it is served", async () => {
    const page = await deskWithQueue(["Ada", "Grace"]);
    await press("Queue2");
    await vi.waitFor(async () => {
      await page.settle();
      if (listed().includes("Visitor c2")) throw new Error("Not read yet.");
    });
    expect(listed()).toEqual(["Ada", "Grace"]);
    expect(textOf(".contact .preview")).toBe("Ada asks");
  });

  it("tells since when each has waited, whatever was written since", async () => {
    const page = await deskWithQueue(["Ada"]);
    await press("Queue1");
    page.waiting[0]?.send("Hello?");
    await page.settle(60_000);
    const [row] = rowsOfInbox(page.desk.getSnapshot(), "queued");
    const [contact] = page.server.contacts.values();
    expect(row?.waitsSince).toBe(Date.parse(contact?.log[0]?.timestamp ?? ""));
  });

  it("loses who leaves at once, and shows them as missed among the closed", async () => {
    const page = await deskWithQueue(["Ada"]);
    page.waiting[0]?.close();
    await page.settle(300);
    expect(queued()).toBe("Queue");
    await press("Closed");
    await page.settle();
    expect(textOf(".contact .missed")).toBe("Missed");
    await page.settle();
    await choose("Ada");
    await page.settle();
    expect(textOf(".ended")).toBe("The visitor left before anybody answered.");
    expect(document.querySelector(".composer")).toBe(null);
  });

  it("is read without the visitor seeing it, and goes on being read", async () => {
    const page = await deskThatReadsAda();
    expect(textOf(".conversation .message")).toContain("Ada asks");
    expect(document.querySelector(".composer")).toBe(null);
    page.waiting[0]?.send("Hello?");
    await page.settle(6_000);
    expect(document.querySelectorAll(".conversation .message").length).toBe(2);
    expect(page.frames("receipt")).toEqual([]);
    expect(page.waiting[0]?.getSnapshot().conversation?.peerMarks).toEqual({ delivered: 0, read: 0 });
  });

  it("is asked for by nobody who looks at something else", async () => {
    const page = await deskWithQueue(["Ada"]);
    await page.settle(120_000);
    const before = page.server.received.length;
    await page.settle(600_000);
    // Two lists, a heartbeat and, for every fourth minute, a ping.
    expect(page.server.received.slice(before).filter(({ frame }) => frame.action === "sync")).toEqual([]);
    expect(page.server.received.slice(before).filter(({ person }) => person.role === "seller").length).toBeLessThan(40);
  });
});

describe("taking a chat out of the queue", () => {
  it("opens it, and the visitor is answered", async () => {
    const page = await deskThatReadsAda();
    await press("Take the chat");
    await page.settle();
    expect([location.hash.startsWith("#/open/"), queued()]).toEqual([true, "Queue"]);
    expect(button("End chat")).toBeTruthy();
    expect(page.waiting[0]?.getSnapshot().conversation?.status).toBe("open");
  });

  it("is one key", async () => {
    const page = await deskThatReadsAda();
    await pressKey("t", { altKey: true });
    await page.settle();
    expect(page.frames("takeChat").length).toBe(1);
  });

  it("is told to the second of two sellers who press at once", async () => {
    const page = await deskThatReadsAda();
    const bo = page.world.sellerTab({ sellerId: "bo" });
    bo.desk.open();
    await page.settle();
    const [contact] = page.server.contacts.keys();
    const taken = bo.desk.take(contact ?? "");
    await press("Take the chat");
    await page.settle();
    await taken;
    expect(toast()).toBe("Ada was not taken. A colleague was quicker and answers this chat now.");
    expect(queued()).toBe("Queue");
    expect(textOf(".nothing p")).toBe("This chat is with somebody else now, or there is none.");
    expect(page.server.contacts.get(contact ?? "")?.seller).toBe("bo");
  });

  it("closes what a colleague has taken meanwhile", async () => {
    const page = await deskThatReadsAda();
    const bo = page.world.sellerTab({ sellerId: "bo" });
    bo.desk.open();
    await page.settle();
    bo.desk.take([...page.server.contacts.keys()][0] ?? "");
    await page.settle(300);
    expect(textOf(".nothing p")).toBe("This chat is with somebody else now, or there is none.");
  });

  it("says that there is no room", async () => {
    const page = await deskThatReadsAda();
    page.disturb({ refuses: ({ action }) => (action === "takeChat" ? "seller_full" : undefined) });
    await press("Take the chat");
    await page.settle();
    expect(toast()).toBe("Ada was not taken. You have no room for one more chat.");
    expect(button("Take the chat")).toBeTruthy();
  });
});
