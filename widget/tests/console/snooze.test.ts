// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAlerts } from "../../src/console/alerts/alerts";
import { createMemory } from "../../src/console/alerts/memory";
import { fieldTime } from "../../src/console/conversation/snooze-times";
import { unreadIn } from "../../src/console/inbox/contacts";
import { createWorld, type World } from "../world/world";
import { button, choose, deskPageWith, drawn, find, leave, listed, press, pressKey, textOf } from "./desk-page";
import { claimsBy } from "./working-seller";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let world: World;

beforeEach(() => {
  world = createWorld();
  // The seller's clock and the server's are one.
  vi.spyOn(Date, "now").mockImplementation(() => world.clock.now());
});
afterEach(() => {
  leave();
  vi.restoreAllMocks();
});

const tabs = () =>
  [...document.querySelectorAll(".tabs button")].map(({ firstChild, lastChild }) =>
    firstChild === lastChild ? firstChild?.textContent : `${firstChild?.textContent} ${lastChild?.textContent}`,
  );

async function turnTo(list: string): Promise<void> {
  [...document.querySelectorAll<HTMLElement>(".tabs button")]
    .find(({ textContent }) => textContent?.startsWith(list))
    ?.click();
  await drawn();
}

const choices = () =>
  [...document.querySelectorAll<HTMLButtonElement>(".snooze .choices > button")].map(({ textContent }) => textContent);

async function snoozeUntilTomorrow(page: Awaited<ReturnType<typeof deskPageWith>>): Promise<void> {
  const label = choices().find((each) => each?.startsWith("Tomorrow"));
  await press(label ?? "");
  await page.settle();
}

describe("a chat that is snoozed", () => {
  it("leaves the list for one of its own that tells when it comes back, and the next chat opens", async () => {
    const page = await deskPageWith(["Ada", "Grace"], world);
    expect(tabs()).toEqual(["Open 2", "Queue", "Closed"]);
    await choose("Ada");
    await snoozeUntilTomorrow(page);
    expect(textOf(".toast span")).toMatch(/^Ada is snoozed until \w+, 9:00/);
    expect(listed()).toEqual(["Grace"]);
    expect(textOf(".conversation h2")).toBe("Grace");
    expect(tabs()).toEqual(["Open 1", "Snoozed 1", "Queue", "Closed"]);
    await turnTo("Snoozed");
    expect(listed()).toEqual(["Ada"]);
    expect(textOf(".contact time")).toMatch(/^until \w+, 9:00/);
    await choose("Ada");
    expect(textOf(".away")).toMatch(/^Snoozed until \w+, 9:00/);
    await press("Bring it back");
    await page.settle();
    expect([...listed()].sort()).toEqual(["Ada", "Grace"]);
    expect(document.querySelector(".away")).toBeNull();
  });

  it("comes back at its time on top of the list, is marked until somebody looks, and then is like any other", async () => {
    const page = await deskPageWith(["Ada", "Grace"], world);
    for (const name of ["Ada", "Grace"]) {
      await choose(name);
      await page.settle();
    }
    const [contact = ""] = page.server.contacts.keys();
    page.desk.snoozing.putAway(contact, world.clock.now() + HOUR);
    await page.settle();
    expect(listed()).toEqual(["Grace"]);
    await page.settle(HOUR);
    expect(listed()).toEqual(["Ada", "Grace"]);
    expect(textOf(".count")).toBe("Back");
    expect(unreadIn(page.desk.getSnapshot())).toBe(1);
    await choose("Ada");
    await page.settle();
    expect(document.querySelector(".count")).toBeNull();
    expect(page.desk.getSnapshot().snoozes.size).toBe(0);
    expect(page.frames("snooze").filter(({ ends }) => ends)).toHaveLength(1);
  });

  it("that is looked at while there is no connection is like any other once there is one", async () => {
    const page = await deskPageWith(["Ada"], world);
    const [contact = ""] = page.server.contacts.keys();
    page.desk.snoozing.putAway(contact, world.clock.now() + HOUR);
    await page.settle(HOUR + 1_000);
    page.disturb({ mayOpen: () => false });
    page.server.cutAll();
    await page.settle();
    await choose("Ada");
    await page.settle();
    expect(textOf(".count")).toBe("Back");
    page.calm();
    await page.settle(60_000);
    expect(document.querySelector(".count")).toBeNull();
    expect(page.desk.getSnapshot().snoozes.size).toBe(0);
  });

  it("is fetched back by an undo", async () => {
    const page = await deskPageWith(["Ada"], world);
    await choose("Ada");
    await snoozeUntilTomorrow(page);
    await press("Undo");
    await page.settle();
    expect(listed()).toEqual(["Ada"]);
    expect(textOf(".conversation h2")).toBe("Ada");
  });

  it("can be snoozed with one key, until a time that the seller picks", async () => {
    const page = await deskPageWith(["Ada"], world);
    await choose("Ada");
    await pressKey("z", { altKey: true });
    expect(find<HTMLDetailsElement>(".snooze details").open).toBe(true);
    expect(document.activeElement?.textContent).toBe(choices()[0]);
    const field = find<HTMLInputElement>("#snooze-until");
    const pick = async (time: number) => {
      field.value = fieldTime(time);
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await drawn();
      find<HTMLFormElement>(".pick-time").requestSubmit();
      await page.settle();
    };
    for (const wrong of [world.clock.now() - DAY, world.clock.now() + 31 * DAY]) {
      await pick(wrong);
      expect(textOf(".pick-time small")).toBe("Pick a time to come, at most 30 days from now.");
    }
    expect(page.frames("snooze")).toEqual([]);
    const wanted = world.clock.now() + 3 * DAY;
    await pick(wanted);
    expect(page.frames("snooze").map(({ until }) => until)).toEqual([
      new Date(wanted - (wanted % 60_000)).toISOString(),
    ]);
    expect(button("Snoozed1")).toBeTruthy();
  });

  it("says in a sentence why it was not snoozed, and stays", async () => {
    const page = await deskPageWith(["Ada"], world);
    await choose("Ada");
    page.disturb({ refuses: ({ action }) => (action === "snooze" ? "bad_field" : undefined) });
    await snoozeUntilTomorrow(page);
    expect(textOf(".toast span")).toBe(
      "Not snoozed. Choose a time to come, at most 30 days from now, and before the chat is deleted.",
    );
    expect(listed()).toEqual(["Ada"]);
  });
});

describe("the call of a chat that comes back", () => {
  const PREFERENCES = {
    sound: true,
    notifications: true,
    titleBadge: true,
    sort: "latest",
    density: "comfortable",
  } as const;

  function listener() {
    const calls = {
      beep: vi.fn(),
      notify: vi.fn(),
      setTitle: vi.fn(),
      setDot: vi.fn(),
    };
    // Two tabs of one device, or one before and after a reload, remember the same.
    return { calls, alerts: createAlerts(calls, claimsBy(createMemory("heard")), createMemory("seen")) };
  }

  it("is one on each device, however many tabs and reloads there are, and none once it was looked at", async () => {
    const page = await deskPageWith(["Ada"], world);
    const [contact = ""] = page.server.contacts.keys();
    const preferences = { ...PREFERENCES, cannedReplies: [] };
    const [one, other] = [listener(), listener()];
    const follow = () => {
      for (const { alerts } of [one, other]) alerts.follow(page.desk.getSnapshot(), preferences);
    };
    follow();
    one.calls.beep.mockClear();
    page.desk.snoozing.putAway(contact, world.clock.now() + HOUR);
    await page.settle();
    follow();
    expect(one.calls.setTitle).toHaveBeenLastCalledWith("Seller Chat");
    await page.settle(HOUR);
    follow();
    follow();
    expect([one.calls.beep, other.calls.beep].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    expect(one.calls.notify).toHaveBeenLastCalledWith("Ada", "Back from snooze", contact);
    expect(one.calls.setTitle).toHaveBeenLastCalledWith("(1) Seller Chat");
    const reloaded = listener();
    reloaded.alerts.follow(page.desk.getSnapshot(), preferences);
    expect(reloaded.calls.beep).not.toHaveBeenCalled();
    await choose("Ada");
    await page.settle();
    follow();
    expect(one.calls.setTitle).toHaveBeenLastCalledWith("Seller Chat");
  });

  it("is none for a chat that is a colleague's by then, though nobody told of that", async () => {
    const page = await deskPageWith(["Ada"], world);
    const [contact = ""] = page.server.contacts.keys();
    const { calls, alerts } = listener();
    page.desk.snoozing.putAway(contact, world.clock.now() + HOUR);
    await page.settle();
    page.disturb({ losesPush: () => true });
    page.server.append(contact, { kind: "transferred", from: "admin", id: "to", seller_id: "s-8fbe97cf" });
    await page.settle(HOUR);
    alerts.follow(page.desk.getSnapshot(), { ...PREFERENCES, cannedReplies: [] });
    expect(calls.notify.mock.calls.filter(([, text]) => text === "Back from snooze")).toEqual([]);
  });
});
