// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { createWorld } from "../world/world";
import { visitorOf } from "./chats";
import { deskPage, find, leave, pressKey, textOf } from "./desk-page";

afterEach(leave);

/** Ada's chat is open; Grace's has ended, and was never read since the page was loaded. */
async function deskAfterAReload() {
  const world = createWorld();
  const before = await deskPage({ world });
  for (const name of ["Grace", "Ada"]) {
    (await visitorOf(world, name)).send(`Hello from ${name}`);
    await before.settle();
  }
  const [grace] = [...world.server.contacts.keys()];
  world.server.say(grace ?? "", "visitor", "Where is order <b>4711</b>?");
  world.server.append(grace ?? "", { kind: "closed", from: "system" });
  leave();
  return deskPage({ world, isFresh: false });
}

async function searchFor(text: string, settle: () => Promise<void>) {
  const field = find<HTMLInputElement>(".find input");
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await pressKey("Enter", {}, field);
  await settle();
  await settle();
}

const foundNames = () => [...document.querySelectorAll(".found .name")].map(({ textContent }) => textContent);

it("a search asks the server for what no list has in memory, and leads to the chat", async () => {
  const { settle } = await deskAfterAReload();
  await searchFor("order <B>4711", settle);
  expect(foundNames()).toEqual(["Grace"]);
  expect(textOf(".found .preview")).toBe("Where is order <b>4711</b>?");
  expect(textOf(".found .caption")).toBe("1 chat found in all your chats of 90 days");
  find(".found button.contact").click();
  await settle();
  expect(location.hash).toMatch(/^#\/closed\//);
  expect(textOf(".conversation h2")).toBe("Grace");
});

it("a search that finds nothing says so, and ends with Escape", async () => {
  const { settle } = await deskAfterAReload();
  await searchFor(".*", settle);
  expect(textOf(".found .caption")).toBe("Nothing found in all your chats of 90 days");
  await pressKey("Escape", {}, find(".find input"));
  expect(document.querySelector(".found")).toBeNull();
});

it("where the server has no search, the seller is told what is searched", async () => {
  const { settle, server } = await deskAfterAReload();
  server.hasSearch = false;
  await searchFor("Ada", settle);
  expect(textOf(".found .caption")).toBe("Only this list can be searched here.");
});

it("a name that shows nothing is not shown in what was found either", async () => {
  const page = await deskPage();
  (await visitorOf(page.world, { name: "\u200b" })).send("Where is my order?");
  await page.settle();
  await searchFor("order", page.settle);
  expect(foundNames()).toEqual(["Visitor c1"]);
});
