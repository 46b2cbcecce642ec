import { afterEach, describe, expect, test, vi } from "vitest";
import { createBrowserPorts } from "../../src";
import { browserSockets } from "../../src/browser/sockets";
import { createBrowserStore } from "../../src/browser/store";
import { browserLocks } from "../../src/browser/tabs";

afterEach(() => vi.unstubAllGlobals());

describe("storage", () => {
  test("is the browser's", () => {
    const storage = fakeStorage();
    vi.stubGlobal("localStorage", storage);
    const store = createBrowserStore();
    store.set("a:1", "one");
    store.set("b:1", "two");
    expect(store.get("a:1")).toBe("one");
    expect(store.keys("a:")).toEqual(["a:1"]);
    store.remove("a:1");
    expect(store.get("a:1")).toBeUndefined();
    expect(Object.keys(storage)).toEqual(["b:1"]);
  });

  test("is memory where the browser forbids it", () => {
    vi.stubGlobal("localStorage", undefined);
    const store = createBrowserStore();
    store.set("a:1", "one");
    expect(store.get("a:1")).toBe("one");
    expect(store.keys("a:")).toEqual(["a:1"]);
    store.remove("a:1");
    expect(store.keys("a:")).toEqual([]);
  });

  test("keeps in memory what no longer fits, and never gives out what was there before", () => {
    const storage = fakeStorage();
    vi.stubGlobal("localStorage", storage);
    const store = createBrowserStore();
    store.set("a:1", "old");
    storage.isFull = true;
    store.set("a:1", "new");
    expect(store.get("a:1")).toBe("new");
    expect(store.keys("a:")).toEqual(["a:1"]);
  });
});

describe("locks", () => {
  test("are held one at a time, and passed on when given back", async () => {
    const order: string[] = [];
    const release = browserLocks.acquire("test:passed-on", () => order.push("first"));
    browserLocks.acquire("test:passed-on", () => order.push("second"));
    await vi.waitFor(() => expect(order).toEqual(["first"]));
    release();
    await vi.waitFor(() => expect(order).toEqual(["first", "second"]));
  });

  test("are not granted once the wish is withdrawn", async () => {
    const order: string[] = [];
    const release = browserLocks.acquire("test:withdrawn", () => order.push("first"));
    await vi.waitFor(() => expect(order).toEqual(["first"]));
    browserLocks.acquire("test:withdrawn", () => order.push("withdrawn"))();
    browserLocks.acquire("test:withdrawn", () => order.push("third"));
    release();
    await vi.waitFor(() => expect(order).toEqual(["first", "third"]));
  });

  test.each([
    ["has none", {}],
    [
      "refuses them with storage",
      { locks: { request: () => Promise.reject(new DOMException("No.", "SecurityError")) } },
    ],
  ])(
    "are granted to everybody where the browser %s, but never before acquire has returned",
    async (_where, navigator) => {
      vi.stubGlobal("navigator", navigator);
      const order: string[] = [];
      browserLocks.acquire("test:none", () => order.push("first"));
      browserLocks.acquire("test:none", () => order.push("second"));
      order.push("returned");
      await vi.waitFor(() => expect(order).toEqual(["returned", "first", "second"]));
    },
  );
});

describe("a socket that the page's policy forbids", () => {
  test("is one that closes, not one that throws", async () => {
    vi.stubGlobal(
      "WebSocket",
      class {
        constructor() {
          throw new Error("Refused to connect.");
        }
      },
    );
    const closed = vi.fn();
    const socket = browserSockets.open("wss://chat.test", [], { opened: vi.fn(), received: vi.fn(), closed });
    expect(closed).not.toHaveBeenCalled();
    socket.send("nothing happens");
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
  });
});

describe("ids", () => {
  test("have 128 random bits where the page may not call randomUUID", () => {
    vi.stubGlobal("crypto", { getRandomValues: (words: Uint32Array) => words.fill(2 ** 32 - 1) });
    expect(createBrowserPorts().random.uuid()).toBe("1z141z3-1z141z3-1z141z3-1z141z3");
  });
});

test("tabs hear each other, and not themselves", async () => {
  const [one, two] = [createBrowserPorts().broadcast, createBrowserPorts().broadcast];
  const [heardByOne, heardByTwo] = [vi.fn(), vi.fn()];
  const stops = [one.listen(heardByOne), two.listen(heardByTwo)];
  one.post({ about: "session" });
  await vi.waitFor(() => expect(heardByTwo).toHaveBeenCalledWith({ about: "session" }));
  expect(heardByOne).not.toHaveBeenCalled();
  for (const stop of stops) stop();
});

test.each([
  ["has no BroadcastChannel", undefined],
  [
    "forbids it with storage",
    class {
      constructor() {
        throw new DOMException("The operation is insecure.", "SecurityError");
      }
    },
  ],
])("tabs are each on their own where the browser %s", (_where, channel) => {
  vi.stubGlobal("BroadcastChannel", channel);
  const { broadcast } = createBrowserPorts();
  const stop = broadcast.listen(vi.fn());
  broadcast.post({ about: "session" });
  stop();
});

/** localStorage's own keys are the stored ones, its methods are not among them. */
function fakeStorage() {
  const methods = {
    isFull: false,
    getItem(key: string): string | null {
      return Object.hasOwn(this, key) ? Reflect.get(this, key) : null;
    },
    setItem(key: string, value: string): void {
      if (methods.isFull) throw new Error("QuotaExceededError");
      Reflect.set(this, key, value);
    },
    removeItem(key: string): void {
      Reflect.deleteProperty(this, key);
    },
  };
  return new Proxy(Object.create(methods), {
    set: (target, key, value) =>
      key === "isFull" ? Reflect.set(methods, key, value) : Reflect.set(target, key, value),
  });
}
