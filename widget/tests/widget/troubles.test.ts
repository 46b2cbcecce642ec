// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VisitorChat, VisitorSnapshot } from "../../src/core";
import type { Report } from "../../src/widget/report";
import type { BootOptions } from "../../src/widget/settings";
import { createTally } from "../../src/widget/tally";
import type { Felt } from "../../src/widget/trouble";
import { OPTIONS, openChat, openPage, type Page, startChat } from "./page";

describe("what a page counts of its visitor's trouble", () => {
  let page: Page;
  afterEach(() => page.leave());

  it("is nothing where all goes well, and nothing of a cut that was told to nobody", async () => {
    page = await openChat();
    page.write("one");
    page.world.server.cutAll();
    await page.settle();
    expect(page.troubles()).toBeUndefined();
  });

  it("is each time that the chat is there again after a cut of which the visitor was told", async () => {
    page = await openChat();
    for (const _ of [1, 2]) {
      page.world.disturb({ mayOpen: () => false });
      page.world.server.cutAll();
      await page.settle(3_000);
      page.world.calm();
      await page.settle(60_000);
    }
    expect(page.troubles()).toEqual({ reconnects: 2, failed_sends: 0, slowest_send_ms: 0 });
  });

  it("is how long the slowest message took that came through after all", async () => {
    page = await openChat();
    page.world.disturb({ refuses: ({ action }) => (action === "sendMessage" ? "try_again" : undefined) });
    page.write("one");
    await page.settle(12_000);
    page.world.calm();
    await page.settle(60_000);
    const { slowest_send_ms = 0, ...others } = page.troubles() ?? {};
    expect(others).toEqual({ reconnects: 0, failed_sends: 0 });
    expect(slowest_send_ms).toBeGreaterThan(12_000);
    expect(slowest_send_ms).toBeLessThan(60_000);
  });

  it("is how long a message waits that is still under way", async () => {
    page = await openChat();
    page.world.disturb({ refuses: ({ action }) => (action === "sendMessage" ? "try_again" : undefined) });
    page.write("one");
    await page.settle(20_000);
    expect(page.troubles()?.slowest_send_ms).toBe(20_000);
  });

  it("is each message that is given up, once, and not how long it lay there until a person tried it again", async () => {
    page = await openChat();
    page.world.disturb({ losesFrame: () => true });
    page.write("one");
    await page.settle(15 * 60_000);
    expect(page.troubles()).toMatchObject({ failed_sends: 1, slowest_send_ms: 0 });
    page.world.calm();
    await page.settle(15 * 60_000);
    page.press("Try again");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toBe("one");
    expect(page.troubles()).toMatchObject({ failed_sends: 1, slowest_send_ms: 0 });
  });

  it("is no message that an earlier page gave up, which told of it", async () => {
    page = await openChat();
    page.world.disturb({ refuses: ({ action }) => (action === "sendMessage" ? "forbidden" : undefined) });
    page.write("one");
    await page.settle();
    const earlier = page;
    await earlier.world.clock.advance(60_000);
    earlier.leave();
    page = openPage({}, earlier);
    await page.settle(60_000);
    expect(page.text()).toContain("Not sent.");
    expect(page.troubles()).toBeUndefined();
  });

  it("counts as little as the system takes", () => {
    const chat = { subscribe: () => () => {}, getSnapshot: () => snapshot } as unknown as VisitorChat;
    const snapshot = {
      connection: "online",
      outgoing: [{ id: "1", text: "", createdAt: 0, state: "sending" }],
    } as unknown as VisitorSnapshot;
    const tally = createTally(() => 86_400_000, 0);
    tally.follow(chat, snapshot);
    for (let each = 0; each < 2_000; each++) tally.back();
    expect(tally.troubles()).toEqual({ reconnects: 1_000, failed_sends: 0, slowest_send_ms: 600_000 });
  });
});

describe("what a page tells of it", () => {
  const fetched = vi.fn(async () => new Response());
  const chat = { subscribe: () => () => {}, getSnapshot: () => snapshot } as unknown as VisitorChat;
  const snapshot = { connection: "online", outgoing: [] } as unknown as VisitorSnapshot;
  const options: BootOptions = { ...OPTIONS, restUrl: "https://rest.test" };
  let follow: Report;

  beforeEach(async () => {
    fetched.mockClear();
    vi.stubGlobal("fetch", fetched);
    vi.spyOn(Math, "random").mockReturnValue(0.2);
    vi.resetModules();
    ({ follow } = await import("../../src/widget/report"));
  });
  afterEach(() => {
    window.dispatchEvent(new Event("pagehide"));
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const leave = () => window.dispatchEvent(new Event("pagehide"));

  it("goes out once, when it is left, as plain numbers without a name and without cookies", () => {
    follow("cut", chat, snapshot, () => options);
    expect(fetched).not.toHaveBeenCalled();
    leave();
    follow("cut", chat, snapshot, () => options);
    leave();
    expect(fetched.mock.calls).toEqual([
      [
        "https://rest.test/reports",
        {
          method: "POST",
          body: '{"reconnects":1,"failed_sends":0,"slowest_send_ms":0}',
          credentials: "omit",
          keepalive: true,
        },
      ],
    ]);
  });

  it.each<[string, Partial<BootOptions>, number, Felt]>([
    ["where the shop wants none", { reports: false }, 0.2, "cut"],
    ["where there is nowhere to tell it", { restUrl: undefined as never }, 0.2, "cut"],
    ["of three pages in four", {}, 0.25, "cut"],
    ["where nothing went wrong after all", {}, 0.2, "slow"],
  ])("is nothing %s", (_, changes, drawn, felt) => {
    vi.mocked(Math.random).mockReturnValue(drawn);
    follow(felt, chat, snapshot, () => ({ ...options, ...changes }));
    leave();
    expect(fetched).not.toHaveBeenCalled();
  });

  it("is nothing where the shop wants none any more by then", () => {
    let current = options;
    follow("cut", chat, snapshot, () => current);
    current = { ...options, reports: false };
    leave();
    expect(fetched).not.toHaveBeenCalled();
  });

  it("is told as the shop has wished last", async () => {
    const page = await openChat();
    page.world.disturb({ mayOpen: () => false });
    page.world.server.cutAll();
    await page.settle(3_000);
    page.world.calm();
    await page.settle(60_000);
    page.widget.update({ reports: false });
    expect(page.optionsOfReport()?.reports).toBe(false);
    page.leave();
  });
});

describe("beside a message that failed", () => {
  it("stands the end of the contact's id, for a person who asks for help", async () => {
    const page = openPage();
    await startChat(page);
    page.world.disturb({ refuses: ({ action }) => (action === "sendMessage" ? "forbidden" : undefined) });
    page.write("one");
    await page.settle();
    expect(page.find(".problem").textContent).toContain(`Not sent. ${page.world.contact().id.slice(-8)} `);
    page.leave();
  });
});
