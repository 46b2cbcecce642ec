// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { choose, deskPageWith, drawn, find, leave, listed, press, textOf } from "./desk-page";

afterEach(leave);

type Page = Awaited<ReturnType<typeof deskPageWith>>;

async function type(text: string): Promise<void> {
  const field = find<HTMLInputElement>(".tag-bar input");
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await drawn();
}

async function tag(page: Page, text: string): Promise<void> {
  await type(text);
  find<HTMLFormElement>(".tag-bar").requestSubmit();
  await page.settle();
}

async function show(tag: string): Promise<void> {
  const select = [...document.querySelectorAll<HTMLSelectElement>(".sort select")].at(-1);
  if (!select) throw new Error("There is nothing to choose a tag by.");
  select.value = tag;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await drawn();
}

const shown = (selector: string) =>
  [...document.querySelectorAll(selector)].map((each) => each.firstChild?.textContent);

describe("tags", () => {
  it("are kept, shown at the chat and in the list, and no visitor gets one", async () => {
    const page = await deskPageWith(["Ada", "Grace"]);
    await choose("Ada");
    await tag(page, " refund ");
    await tag(page, "VIP");
    expect(shown(".tag-bar .tag")).toEqual(["VIP", "refund"]);
    expect(shown('.contact[aria-current="true"] .tag')).toEqual(["VIP", "refund"]);
    await press("Remove the tag VIP");
    await page.settle();
    expect(shown(".tag-bar .tag")).toEqual(["refund"]);
    expect(JSON.stringify(page.visitors.map((each) => each.getSnapshot()))).not.toContain("refund");
  });

  it("have nothing in them that nobody sees, however they were typed", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await tag(page, " call\u200b \u00a0 back\u3000soon ");
    expect(page.frames("tag").at(-1)).toMatchObject({ add: "call back soon" });
  });

  it("are there after a reload, by the list alone", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await tag(page, "refund");
    const again = page.world.sellerTab();
    again.desk.open();
    await page.settle();
    const [contact = ""] = page.server.contacts.keys();
    expect(again.desk.getSnapshot().tags.get(contact)).toEqual(["refund"]);
  });

  it("choose what the list shows, and are found by the search", async () => {
    const page = await deskPageWith(["Ada", "Grace"]);
    await choose("Ada");
    await tag(page, "refund");
    expect([...listed()].sort()).toEqual(["Ada", "Grace"]);
    await show("refund");
    expect(listed()).toEqual(["Ada"]);
    await press("Remove the tag refund");
    await page.settle();
    expect([...listed()].sort()).toEqual(["Ada", "Grace"]);
  });

  it("are text, whatever they look like", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    await tag(page, "<img src=x onerror=alert(1)>");
    expect(shown(".tag-bar .tag")).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(document.querySelector(".tag-bar img")).toBeNull();
  });

  it("have limits that are told before they are reached", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    for (let count = 0; count < 7; count++) await tag(page, `tag ${count}`);
    expect(textOf(".tag-bar small")).toBe("3 more tags.");
    await type("x".repeat(25));
    expect(textOf(".tag-bar small")).toBe("7 characters left.");
    for (let count = 7; count < 10; count++) await tag(page, `tag ${count}`);
    expect(textOf(".tag-bar small")).toBe("No more than 10 tags: remove one first.");
    expect(document.querySelector(".tag-bar input")).toBeNull();
  });

  it("that were refused after a look at another chat are in the field of theirs", async () => {
    const page = await deskPageWith(["Ada", "Grace"]);
    page.disturb({ refuses: ({ action }) => (action === "tag" ? "too_large" : undefined) });
    await choose("Ada");
    await type("one too many");
    find<HTMLFormElement>(".tag-bar").requestSubmit();
    await choose("Grace");
    await page.settle();
    expect(find<HTMLInputElement>(".tag-bar input").value).toBe("");
    await choose("Ada");
    expect(find<HTMLInputElement>(".tag-bar input").value).toBe("one too many");
  });

  it("that were not kept stay in the field, with a sentence for people", async () => {
    const page = await deskPageWith(["Ada"]);
    await choose("Ada");
    page.disturb({ refuses: ({ action }) => (action === "tag" ? "too_large" : undefined) });
    await tag(page, "one too many");
    expect(find<HTMLInputElement>(".tag-bar input").value).toBe("one too many");
    expect(textOf(".toast span")).toContain("The tag “one too many” was not kept.");
  });
});
