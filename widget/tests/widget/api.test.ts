import { describe, expect, it, vi } from "vitest";
import { createApi } from "../../src/widget/api";
import { type CommandQueue, createCommandQueue } from "../../src/widget/command-queue";
import type { Events } from "../../src/widget/events";
import type { SellerChatApi } from "../../src/widget/public-api";
import type { BootOptions } from "../../src/widget/settings";
import type { Widget } from "../../src/widget/widget";

const OPTIONS: BootOptions = { sellerId: "123456", apiUrl: "wss://chat.test/local" };

function mounted() {
  const calls: unknown[][] = [];
  let events: Events | undefined;
  const spy =
    (name: string) =>
    (...given: unknown[]) =>
      void calls.push([name, ...given]);
  const api = createApi((options, given) => {
    calls.push(["mount", options]);
    events = given;
    const names = ["open", "close", "toggle", "show", "hide", "identify", "update", "reset", "destroy"];
    return Object.fromEntries(names.map((name) => [name, spy(name)])) as unknown as Widget;
  });
  return { api, calls, emit: (count: number) => events?.emit("unread", { count }) };
}

describe("SellerChat", () => {
  it("does what it is told once it is booted", () => {
    const { api, calls } = mounted();
    api("boot", OPTIONS);
    api("open");
    api("identify", { name: "Ada" });
    api("update", { title: "Ask us" });
    expect(calls).toEqual([
      ["mount", OPTIONS],
      ["open"],
      ["identify", { name: "Ada" }],
      ["update", { title: "Ask us" }],
    ]);
  });

  it("replaces the widget when it is booted again", () => {
    const { api, calls } = mounted();
    api("boot", OPTIONS);
    api("boot", OPTIONS);
    expect(calls.map(([name]) => name)).toEqual(["mount", "destroy", "mount"]);
  });

  it("is ready for those, too, who listen right after booting", async () => {
    const { api } = mounted();
    const listener = vi.fn();
    api("boot", OPTIONS);
    api("on", "ready", listener);
    await Promise.resolve();
    expect(listener).toHaveBeenCalledOnce();
  });

  it("calls a listener until it is unsubscribed", () => {
    const { api, emit } = mounted();
    const listener = vi.fn();
    const unsubscribe = api("on", "unread", listener);
    api("boot", OPTIONS);
    emit(1);
    unsubscribe();
    emit(2);
    expect(listener.mock.calls).toEqual([[{ count: 1 }]]);
  });

  it("keeps a listener that throws from stopping the others", () => {
    const { api, emit } = mounted();
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const listener = vi.fn();
    const mistake = new Error("the page's own");
    api("on", "unread", () => {
      throw mistake;
    });
    api("on", "unread", listener);
    api("boot", OPTIONS);
    emit(1);
    vi.unstubAllGlobals();
    expect(listener).toHaveBeenCalledOnce();
    expect(reported).toHaveBeenCalledWith(mistake);
  });

  it.each([
    [{}, "sellerId is missing"],
    [{ sellerId: "1" }, "apiUrl must be wss://"],
    [{ sellerId: "1", apiUrl: "https://chat.test" }, "apiUrl must be wss://"],
    [{ ...OPTIONS, restUrl: "ftp://chat.test" }, "restUrl must be https://"],
    [{ ...OPTIONS, consent: { text: "", url: "javascript:alert(1)" } }, "consent.url must be https://"],
    [{ ...OPTIONS, visitorToken: "a.b.c" }, "visitorToken must be a function"],
    [{ ...OPTIONS, fields: [{ name: "" }] }, "each of fields needs a name"],
  ])("refuses to boot with %j and says why", (options, reason) => {
    expect(() => mounted().api("boot", options as BootOptions)).toThrow(reason);
  });

  it.each([
    [["open"], "boot it first"],
    [["fly"], "there is no command fly, only boot,open"],
    [["constructor"], "there is no command constructor"],
    [["on", "landing", () => {}], "there is no event landing, only ready,open"],
  ])("answers %j with what to do instead", (call, reason) => {
    const api = mounted().api as (...call: unknown[]) => unknown;
    expect(() => api(...call)).toThrow(reason);
  });
});

describe("the stub", () => {
  it("keeps calls in order until the widget has loaded", () => {
    const queue = createCommandQueue();
    queue("boot", OPTIONS);
    queue("open");
    expect(queue.q).toEqual([["boot", OPTIONS], ["open"]]);
  });

  it("gives an unsubscribe that works after the widget has taken its place", () => {
    const page: { SellerChat?: CommandQueue | SellerChatApi } = {};
    vi.stubGlobal("window", page);
    const queue = createCommandQueue();
    page.SellerChat = queue;
    const listener = vi.fn();
    const unsubscribe = queue("on", "unread", listener) as () => void;
    const { api, emit } = mounted();
    page.SellerChat = api;
    for (const call of queue.q ?? []) (api as (...call: readonly unknown[]) => unknown)(...call);
    api("boot", OPTIONS);
    unsubscribe();
    emit(1);
    vi.unstubAllGlobals();
    expect(listener).not.toHaveBeenCalled();
  });
});
