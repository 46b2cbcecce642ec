import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAlerts } from "../../src/console/alerts/alerts";
import { createClaims } from "../../src/console/alerts/claims";
import { createMemory } from "../../src/console/alerts/memory";
import { deskWithChats } from "./chats";
import { LOUD, storage } from "./working-seller";

/** Every tab's claim, when all are decided. */
async function claimed(...tabs: readonly { key: string; seq: number }[][]) {
  const acts = tabs.map((news) => {
    const act = vi.fn();
    createClaims("seller-1").claim(news, act);
    return act;
  });
  await decided();
  return acts.map((act) => act.mock.calls.flatMap(([own]) => own));
}

/** Transactions come one after the other: what was claimed before this has been decided. */
async function decided(): Promise<void> {
  await new Promise((act) => createClaims("seller-1").claim([{ key: crypto.randomUUID(), seq: 1 }], act));
}

describe("what a device calls for", () => {
  beforeEach(() => void vi.stubGlobal("indexedDB", new IDBFactory()));
  afterEach(() => void vi.unstubAllGlobals());

  it("is claimed by one tab, also where none sees yet what another has stored", async () => {
    const { world, desk } = await deskWithChats(["Ada"]);
    const notify = vi.fn();
    for (const _tab of [1, 2, 3]) {
      const calls = { beep: () => {}, notify, setTitle: () => {}, setDot: () => {} };
      createAlerts(calls, createClaims("seller-1"), createMemory("seen", storage())).follow(desk.getSnapshot(), LOUD);
    }
    await decided();
    expect(notify.mock.calls).toEqual([["Ada", "Hello from Ada", world.contact().id]]);
  });

  it("is each claimed for itself", async () => {
    const [ada, grace] = [
      { key: "ada", seq: 3 },
      { key: "grace", seq: 1 },
    ];
    expect(await claimed([ada], [ada, grace], [grace])).toEqual([[ada], [grace], []]);
    const later = { key: "ada", seq: 4 };
    expect(await claimed([ada, later], [{ key: "ada", seq: 2 }])).toEqual([[later], []]);
  });

  it("is another for another seller", async () => {
    const news = [{ key: "ada", seq: 3 }];
    const act = vi.fn();
    for (const seller of ["seller-1", "seller-2"]) createClaims(seller).claim(news, act);
    await decided();
    expect(act.mock.calls).toEqual([[news], [news]]);
  });

  it("is called for in every tab where nothing may be stored", async () => {
    vi.stubGlobal("indexedDB", {
      open: () => {
        throw new DOMException("denied", "SecurityError");
      },
    });
    const news = [{ key: "ada", seq: 3 }];
    const act = vi.fn();
    for (const _tab of [1, 2]) createClaims("seller-1").claim(news, act);
    await vi.waitFor(() => expect(act.mock.calls).toEqual([[news], [news]]));
  });
});
