// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { button, choose, deskPageWith, drawn, fill, find, leave, press, textOf, write } from "./desk-page";

afterEach(leave);

async function deskWith() {
  const page = await deskPageWith(["Ada"]);
  await choose("Ada");
  await page.settle();
  const { desk: colleague } = page.world.sellerTab();
  colleague.open();
  await page.settle();
  return { ...page, colleague };
}

type Page = Awaited<ReturnType<typeof deskWith>>;

async function unfold(page: Page): Promise<void> {
  const menu = find<HTMLDetailsElement>('summary[aria-label="Canned replies"]').closest("details");
  if (!menu) throw new Error("There is no menu.");
  menu.open = true;
  menu.dispatchEvent(new Event("toggle"));
  await page.settle();
}

async function share(page: Page, text: string): Promise<void> {
  await write(text);
  await press("Share what I have written with the team");
  await page.settle();
}

/** A shared reply that is being edited, which a colleague has before them, too. */
async function editedBesideColleague() {
  const page = await deskWith();
  await share(page, "Returns are free");
  await press("Edit: Returns are free");
  page.colleague.sharedReplies.refresh();
  await page.settle();
  const { version, replies } = page.colleague.getSnapshot().sharedReplies;
  const [reply] = replies;
  if (!reply) throw new Error("Nothing is shared.");
  return { page, version, reply };
}

const shared = () =>
  [...document.querySelectorAll('ul[aria-label="Shared with the team"] button:first-child')].map(
    ({ textContent }) => textContent,
  );
const texts = ({ colleague }: Page) => colleague.getSnapshot().sharedReplies.replies.map(({ text }) => text);

const said = () => textOf(".editor small:not(.left)")?.trim();
const typed = () => find<HTMLTextAreaElement>(".editor textarea").value;

async function rewrite(text: string): Promise<void> {
  const field = find<HTMLTextAreaElement>(".editor textarea");
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await drawn();
}

describe("replies that a team shares", () => {
  it("are there for a colleague who connects or unfolds them, with who is meant in them", async () => {
    const page = await deskWith();
    await share(page, "Hello {name}, this is our shop");
    expect(shared()).toEqual(["Hello Ada, this is our shop"]);
    expect(texts(page)).toEqual([]);
    page.colleague.sharedReplies.refresh();
    await page.settle();
    expect(texts(page)).toEqual(["Hello {name}, this is our shop"]);

    void page.colleague.sharedReplies.add("bye", "Good-bye {name}");
    await page.settle();
    await unfold(page);
    expect(shared()).toEqual(["Hello Ada, this is our shop", "Good-bye Ada"]);
  });

  it("are not asked for by a console that is idle", async () => {
    const page = await deskPageWith(["Ada"]);
    await page.settle(150_000);
    expect(page.frames("replies").length).toBe(1);
  });

  it("come by a slash, behind the seller's own", async () => {
    const page = await deskWith();
    await share(page, "Returns are free for 30 days");
    await write("/returns");
    expect(textOf(".offers b")).toBe("/returns");
    expect(textOf(".offers span")).toBe("Returns are free for 30 days");
  });

  it("are changed and deleted by each of them", async () => {
    const page = await deskWith();
    void page.colleague.sharedReplies.add("returns", "Returns are free");
    await page.settle();
    await unfold(page);
    await press("Edit: Returns are free");
    await rewrite("Returns cost nothing");
    await press("Save");
    await page.settle();
    expect(shared()).toEqual(["Returns cost nothing"]);
    await press("Delete: Returns cost nothing");
    await page.settle();
    expect(shared()).toEqual([]);
  });

  it("that a colleague changed meanwhile are not overwritten, and it is said", async () => {
    const { page, version, reply } = await editedBesideColleague();
    void page.colleague.sharedReplies.change(version, { ...reply, text: "Returns are free for 30 days" });
    await page.settle();
    await rewrite("Returns cost 3 euros");
    await press("Save");
    await page.settle();
    expect(said()).toBe(
      "Not saved. A colleague has changed the replies meanwhile. It says now: “Returns are free for 30 days” Save yours in its place, or cancel.",
    );
    expect(typed()).toBe("Returns cost 3 euros");
    await press("Cancel");
    expect(shared()).toEqual(["Returns are free for 30 days"]);
  });

  it("that a colleague deleted while they were changed can be saved anew", async () => {
    const { page, version, reply } = await editedBesideColleague();
    void page.colleague.sharedReplies.remove(version, reply.id);
    await page.settle();
    await rewrite("Returns cost 3 euros");
    await press("Save");
    await page.settle();
    expect(said()).toBe(
      "Not saved. A colleague has changed the replies meanwhile. It was deleted. Save yours anew, or cancel.",
    );
    await press("Save");
    await page.settle();
    expect(shared()).toEqual(["Returns cost 3 euros"]);
    expect(document.querySelector(".editor")).toBeNull();
  });

  it.each([
    [{ code: "bad_field", field: "name" }, "Choose a name of letters and digits, 32 at most.", "input"],
    [{ code: "bad_field", field: "text" }, "Write something to see, 1,000 characters at most.", "textarea"],
    [{ code: "too_large", field: "text" }, "The team shares as many replies as it can. Delete one first.", "textarea"],
    [{ code: "unknown_seller" }, "You are in no team of this shop any more.", undefined],
  ] as const)("that were refused stay as they were typed, and it is said why: %o", async (refusal, sentence, wrong) => {
    const page = await deskWith();
    await share(page, "Returns are free");
    await press("Edit: Returns are free");
    await rewrite("Returns cost 3 euros");
    page.disturb({ losesFrame: () => true });
    await press("Save");
    page.server.pushToAll({ action: "error", of: "shareReply", reason: "For programs.", ...refusal });
    await page.settle();
    expect(said()).toBe(`Not saved. ${sentence}`);
    expect(typed()).toBe("Returns cost 3 euros");
    expect([...document.querySelectorAll('.editor [aria-invalid="true"]')].map(({ localName }) => localName)).toEqual(
      wrong ? [wrong] : [],
    );
    expect(find(".editor textarea").getAttribute("aria-describedby")).toContain(find(".editor small:not(.left)").id);
    page.calm();
    await press("Save");
    await page.settle();
    expect(shared()).toEqual(["Returns cost 3 euros"]);
  });

  it("are changed as those of the team that the seller is in by then", async () => {
    const page = await deskWith();
    await share(page, "Returns are free");
    await press("Edit: Returns are free");
    await rewrite("Returns cost 3 euros");
    page.server.pushToAll({ action: "replies", team: "sales", version: 7, replies: [] });
    await page.settle();
    expect(said()).toBe("You are in another team now. Save this to share it there.");
    expect(typed()).toBe("Returns cost 3 euros");
    await press("Save");
    await page.settle();
    expect(page.frames("shareReply").at(-1)).toMatchObject({ base: 7, text: "Returns cost 3 euros" });
  });

  it("are shared once where the answer was lost", async () => {
    const page = await deskWith();
    let lost = 0;
    page.disturb({ failsAfterStoring: ({ action }) => action === "shareReply" && lost++ === 0 });
    await share(page, "Returns are free");
    await page.settle(3_000);
    expect(page.frames("shareReply").length).toBe(2);
    expect(shared()).toEqual(["Returns are free"]);
  });

  it("that are too long are not shared, and it is said why", async () => {
    const page = await deskWith();
    await share(page, "x".repeat(1_001));
    expect(textOf(".toast span")).toBe("The reply was not shared. It has more than 1,000 characters.");
    expect(page.frames("shareReply")).toEqual([]);
    await share(page, "x".repeat(1_000));
    expect(page.frames("shareReply")[0]).toMatchObject({ name: "x".repeat(32) });
  });

  it.each([
    [`${"x".repeat(31)}\u{20bb7}\u{20bb7} of Tokyo`, `${"x".repeat(31)}\u{20bb7}`],
    ["हिन्दी में", "हिन्दी"],
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"],
  ])("are named by whole characters of any script: %j", async (text, name) => {
    const page = await deskWith();
    await share(page, text);
    expect(page.frames("shareReply").at(-1)).toMatchObject({ name });
    await press(`Edit: ${text}`);
    const field = find<HTMLInputElement>(".editor input");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await rewrite("Hello");
    await press("Save");
    await page.settle();
    expect(page.frames("shareReply").at(-1)).toMatchObject({ name, text: "Hello" });
  });

  it("tell how much room a name has, in characters and not in halves of them, and keep what is too long", async () => {
    const page = await deskWith();
    await share(page, "Returns are free");
    await press("Edit: Returns are free");
    await fill(".editor input", "\u{20bb7}".repeat(30));
    expect(textOf(".editor .left")).toBe("2 characters left.");
    await fill(".editor input", "\u{20bb7}".repeat(33));
    expect(textOf(".editor .left")).toBe("Too long by 1 character.");
    expect(find<HTMLInputElement>(".editor input").value).toBe("\u{20bb7}".repeat(33));
    expect(button("Save").disabled).toBe(true);
    await fill(".editor input", "\u{20bb7}".repeat(32));
    await press("Save");
    await page.settle();
    expect(page.frames("shareReply").at(-1)).toMatchObject({ name: "\u{20bb7}".repeat(32) });
  });

  it("are named in 32 characters at most, also when one is changed and left to be named by its text", async () => {
    const page = await deskWith();
    await share(page, "Returns are free");
    await press("Edit: Returns are free");
    const name = find<HTMLInputElement>(".editor input");
    name.value = "";
    name.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await rewrite("x".repeat(40));
    await press("Save");
    await page.settle();
    expect(page.frames("shareReply").at(-1)).toMatchObject({ name: "x".repeat(32), text: "x".repeat(40) });
  });

  it("are text, whatever they look like", async () => {
    const page = await deskWith();
    await share(page, "<img src=x onerror=alert(1)>");
    expect(shared()).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(document.querySelector(".replies img")).toBeNull();
  });
});
