import { describe, expect, it, vi } from "vitest";
import { createApi } from "../../src/widget/api";
import { optionsOf } from "../../src/widget/checks";
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
    const names = ["open", "close", "toggle", "show", "hide", "update", "reset", "destroy"];
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
      ["update", { userInfo: { name: "Ada" } }],
      ["update", { title: "Ask us" }],
    ]);
  });

  it("takes nothing from the prototype of every object", () => {
    const { api, calls } = mounted();
    const polluted = { filesUrl: "https://evil.test/", host: "evil.test", visitorToken: () => "" };
    Object.assign(Object.prototype, polluted);
    try {
      api("boot", OPTIONS);
      const [, taken] = calls[0] as [string, BootOptions];
      expect({ ...taken, filesUrl: taken.filesUrl, visitorToken: taken.visitorToken }).toEqual(OPTIONS);
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it("stays as it is when it is booted again, and takes the options as the new whole", () => {
    const { api, calls } = mounted();
    api("boot", { ...OPTIONS, title: "Ask us" });
    api("boot", { ...OPTIONS, theme: "dark" });
    expect(calls.slice(1)).toEqual([["update", { ...OPTIONS, title: undefined, theme: "dark" }]]);
  });

  it("adds what is said of the visitor to what was said before, and keeps it over another boot", () => {
    const { api, calls } = mounted();
    api("boot", { ...OPTIONS, userInfo: { name: "Ada" } });
    api("identify", { plan: "gold" });
    api("boot", OPTIONS);
    const userInfo = { name: "Ada", plan: "gold" };
    expect(calls.slice(1)).toEqual([
      ["update", { userInfo }],
      ["update", { ...OPTIONS, userInfo }],
    ]);
  });

  it("forgets with a reset what was said of the visitor", () => {
    const { api, calls } = mounted();
    api("boot", { ...OPTIONS, userInfo: { name: "Ada" } });
    api("identify", { plan: "gold" });
    api("reset");
    api("identify", { plan: "silver" });
    expect(calls.slice(2)).toEqual([
      ["reset"],
      ["update", { userInfo: undefined }],
      ["update", { userInfo: { plan: "silver" } }],
    ]);
  });

  it("can be taken off the page, and booted anew", () => {
    const { api, calls } = mounted();
    api("boot", OPTIONS);
    api("destroy");
    api("destroy");
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
    [{}, "sellerId is missing. It takes a text"],
    [{ sellerId: "1" }, "apiUrl is missing. It takes wss://"],
    [{ sellerId: 1, apiUrl: OPTIONS.apiUrl }, "sellerId is wrong. It takes a text"],
    [{ sellerId: "1", apiUrl: "https://chat.test" }, "apiUrl is wrong. It takes wss://"],
    [{ ...OPTIONS, restUrl: "ftp://chat.test" }, "restUrl is wrong. It takes https://"],
    [{ ...OPTIONS, visitorToken: "a.b.c" }, "visitorToken is wrong. It takes a function"],
    [{ ...OPTIONS, fields: "[]" }, "fields is wrong. It takes a list"],
    [{ ...OPTIONS, theme: "pink" }, "theme is wrong. It takes light or dark or auto"],
    [{ ...OPTIONS, side: "top" }, "side is wrong. It takes left or right"],
    [{ ...OPTIONS, hidden: "false" }, "hidden is wrong. It takes true or false"],
    [{ ...OPTIONS, team: [] }, "team is wrong. It takes an object"],
    [{ ...OPTIONS, launcher: "#1" }, "launcher is wrong. It takes bubble, none or a CSS selector"],
    [{ ...OPTIONS, title: 5 }, "title is wrong. It takes a text"],
    [{ ...OPTIONS, host: "https://chat.shop.example" }, "host is wrong. It takes HOST"],
    [{ ...OPTIONS, host: "chat.shop.example/" }, "host is wrong. It takes HOST"],
  ])("reports of boot with %j which option is wrong and what it takes, and boots nothing", (options, reason) => {
    const { api, calls } = mounted();
    const [error] = reportedBy(() => api("boot", options as BootOptions));
    expect(error?.message).toContain(reason);
    expect(calls).toEqual([]);
  });

  it("reports a wrong option of an update, and leaves the widget as it was", () => {
    const { api, calls } = mounted();
    api("boot", OPTIONS);
    const errors = reportedBy(() => api("update", { theme: "pink" as "dark" }));
    expect(errors.map(({ message }) => message)).toEqual([
      "SellerChat: theme is wrong. It takes light or dark or auto.",
    ]);
    expect(calls.length).toBe(1);
  });

  it.each(["Ada", 5, ["Ada"]])("reports that %j says nothing of a visitor, and leaves what is known", (said) => {
    const { api, calls } = mounted();
    api("boot", OPTIONS);
    const [error] = reportedBy(() => api("identify", said as never));
    expect(error?.message).toBe("SellerChat: userInfo is wrong. It takes an object.");
    expect(calls.length).toBe(1);
  });

  it.each([{ sellerId: "1" }, OPTIONS])("finds both addresses below the host that %j is booted with", (others) => {
    const { api, calls } = mounted();
    api("boot", { ...others, host: "chat.shop.example" } as BootOptions);
    expect(calls).toEqual([
      [
        "mount",
        expect.objectContaining({ apiUrl: "wss://ws.chat.shop.example", restUrl: "https://rest.chat.shop.example" }),
      ],
    ]);
  });

  it("moves to another host by an update", () => {
    const { api, calls } = mounted();
    api("boot", OPTIONS);
    api("update", { host: "chat.other.example" });
    const [, update] = calls;
    expect(update).toEqual([
      "update",
      expect.objectContaining({ apiUrl: "wss://ws.chat.other.example", restUrl: "https://rest.chat.other.example" }),
    ]);
  });

  it("warns of an option that there is not", () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    mounted().api("boot", { ...OPTIONS, welcomMessage: "Hi" } as BootOptions);
    expect(warned).toHaveBeenCalledWith("SellerChat: there is no option welcomMessage.");
    warned.mockRestore();
  });

  it.each([
    [["open"], "boot it first"],
    [["fly"], "there is no command fly, only boot,open"],
    [["constructor"], "there is no command constructor"],
    [["identify", { name: "Ada" }], "boot it first"],
    [["on", "landing", () => {}], "on landing is wrong. It takes ready,open"],
    [["on", "unread"], "on unread is wrong. It takes ready,open,close,"],
    [["off", "unread", "all"], "off unread is wrong. It takes ready,open,close,"],
  ])("reports of %j what to do instead, and the page goes on", (call, reason) => {
    const api = mounted().api as (...call: unknown[]) => unknown;
    const [error] = reportedBy(() => api(...call));
    expect(error?.message).toContain(reason);
  });
});

describe("the tag", () => {
  const tag = (dataset: Record<string, string>) => ({ dataset: { sellerId: "1", ...dataset } }) as never;

  it.each([
    ["fields", "[]", []],
    ["consent", '{"text":"We keep it."}', { text: "We keep it." }],
    ["hidden", "false", false],
    ["hidden", "", true],
    ["sound", "true", true],
    ["title", "[]", "[]"],
    ["host", "chat.shop.example", "chat.shop.example"],
  ])("reads data-%s=%j", (name, text, value) => {
    expect(optionsOf(tag({ [name]: text }))).toEqual({ sellerId: "1", [name]: value });
  });

  it("leaves other scripts' attributes alone", () => {
    expect(optionsOf(tag({ cfasync: "false" }))).toEqual({ sellerId: "1" });
  });

  it("says which attribute is no JSON, and what it takes", () => {
    expect(() => optionsOf(tag({ userInfo: "Ada" }))).toThrow("SellerChat: userInfo is no JSON. It takes an object.");
  });
});

/** What is reported while something is done. */
function reportedBy(act: () => void): Error[] {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  act();
  vi.unstubAllGlobals();
  return reported.mock.calls.map(([error]) => error);
}

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
