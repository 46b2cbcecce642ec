// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { ENGLISH } from "../../src/strings";
import { createElement } from "../../src/widget/element";
import { createEvents } from "../../src/widget/events";
import { createBubble } from "../../src/widget/launcher/bubble";
import { createLauncher, type MountChat } from "../../src/widget/launcher/launcher";
import type { BootOptions } from "../../src/widget/settings";
import { createWidget, type Widget } from "../../src/widget/widget";
import { createDevice } from "../world/device";
import { createWorld } from "../world/world";
import { OPTIONS } from "./page";

const COMMANDS = ["open", "close", "toggle", "show", "hide", "update", "reset", "destroy", "there"] as const;
const SESSION = "seller-chat:123456:session";

/** A page with the launcher on it, where the chat comes when the test says so. */
function openPage(options: Partial<BootOptions> = {}, stored: Readonly<Record<string, string>> = {}) {
  const world = createWorld();
  const device = createDevice(world.clock, world.chance, world.server);
  for (const [key, value] of Object.entries(stored)) device.stored.set(key, value);
  const calls: unknown[][] = [];
  const loads: { arrive(mount?: MountChat): Promise<void>; fail(): Promise<void> }[] = [];
  const note =
    (name: string) =>
    (...given: unknown[]) =>
      void calls.push([name, ...given]);
  const chat = Object.fromEntries(COMMANDS.map((name) => [name, note(name)])) as unknown as Widget;
  const mountSpy: MountChat = (_frame, given) => {
    calls.push(["mount", given]);
    return chat;
  };
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await undefined;
  };
  const launcher = createLauncher(
    { ...OPTIONS, ...options },
    {
      events: createEvents(),
      store: device.openTab().ports.store,
      createBubble,
      languages: () => ["en"],
      load: () =>
        new Promise((resolve, reject) => {
          loads.push({
            arrive: (mount = mountSpy) => {
              resolve(mount);
              return settle();
            },
            fail: () => {
              reject(new Error("offline"));
              return settle();
            },
          });
        }),
    },
  );
  const host = document.querySelector("seller-chat") as HTMLElement;
  const root = host.shadowRoot as ShadowRoot;
  const frame = root.querySelector(".root") as HTMLElement;
  const bubble = root.querySelector("button") as HTMLButtonElement;
  return {
    launcher,
    calls,
    loads,
    device,
    world,
    frame,
    root,
    bubble,
    note: () => root.querySelector(".note")?.textContent,
  };
}

afterEach(() => {
  document.querySelector("seller-chat")?.remove();
  vi.unstubAllGlobals();
});

describe("before the visitor turns to it", () => {
  it("nothing is loaded, and nothing stored", () => {
    const { loads, device, bubble } = openPage();
    expect(bubble.ariaLabel).toBe("Open the chat");
    expect(loads).toHaveLength(0);
    expect([...device.stored]).toEqual([]);
  });

  it("the bubble speaks the page's language", () => {
    const { frame, bubble } = openPage({ language: "ar" });
    expect([frame.lang, frame.dir, bubble.ariaLabel]).toEqual(["ar", "rtl", "فتح المحادثة"]);
  });

  it("the page may hide the bubble, and show it again", () => {
    const { launcher, root, loads } = openPage({ hidden: true });
    const bubbles = () => root.querySelectorAll("button").length;
    expect(bubbles()).toBe(0);
    launcher.show();
    expect(bubbles()).toBe(1);
    launcher.hide();
    expect(bubbles()).toBe(0);
    expect(loads).toHaveLength(0);
  });

  it("the page may take it away, also while the chat is under way", async () => {
    const { launcher, loads, calls } = openPage();
    launcher.open();
    launcher.destroy();
    await loads[0]?.arrive();
    expect(document.querySelector("seller-chat")).toBeNull();
    expect(calls).toEqual([]);
  });
});

describe("the chat is loaded", () => {
  it.each(["pointerenter", "focus", "touchstart"])("at %s, once, and not opened by it", async (type) => {
    const { bubble, loads, calls } = openPage();
    bubble.dispatchEvent(new Event(type));
    bubble.dispatchEvent(new Event(type));
    expect(loads).toHaveLength(1);
    await loads[0]?.arrive();
    expect(calls).toEqual([["mount", { ...OPTIONS, hidden: false }]]);
  });

  it("and opened, when the bubble is pressed", async () => {
    const { bubble, loads, calls, root } = openPage();
    bubble.focus();
    bubble.click();
    expect(bubble.ariaBusy).toBe("true");
    expect(root.activeElement).toBe(bubble);
    await loads[0]?.arrive();
    expect(calls.map(([name]) => name)).toEqual(["mount", "open"]);
  });

  it("at once for a visitor who has a chat to come back to", async () => {
    const { loads, calls } = openPage({}, { [SESSION]: "{}" });
    expect(loads).toHaveLength(1);
    await loads[0]?.arrive();
    expect(calls.map(([name]) => name)).toEqual(["mount"]);
  });

  it("with what the page has said meanwhile", async () => {
    const { launcher, loads, calls } = openPage();
    launcher.update({ userInfo: { name: "Ada" } });
    launcher.open();
    launcher.update({ title: "Ask us" });
    await loads[0]?.arrive();
    const options = { ...OPTIONS, userInfo: { name: "Ada" }, title: "Ask us", hidden: false };
    expect(calls).toEqual([["mount", options], ["open"]]);
  });

  it("but not opened, when the page has closed it again meanwhile", async () => {
    const { launcher, loads, calls } = openPage();
    launcher.toggle();
    launcher.toggle();
    await loads[0]?.arrive();
    expect(calls.map(([name]) => name)).toEqual(["mount"]);
  });

  it("and does from then on what the page asks for", async () => {
    const { launcher, loads, calls } = openPage();
    launcher.open();
    await loads[0]?.arrive();
    launcher.close();
    launcher.update({ title: "Ask us" });
    expect(calls.slice(2)).toEqual([["close"], ["update", { title: "Ask us" }]]);
  });
});

describe("a chat that cannot be loaded", () => {
  it("is told to the visitor who wants it, and tried again at the next press", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const { bubble, loads, calls, note } = openPage();
    bubble.click();
    await loads[0]?.fail();
    expect(note()).toBe("⚠ Open the chat");
    expect(reported).toHaveBeenCalledOnce();
    bubble.click();
    expect(note()).toBe("");
    await loads[1]?.arrive();
    expect(calls.map(([name]) => name)).toEqual(["mount", "open"]);
  });

  it("is told to nobody who only came near it", async () => {
    vi.stubGlobal("reportError", () => {});
    const { bubble, loads, note } = openPage();
    bubble.dispatchEvent(new Event("pointerenter"));
    await loads[0]?.fail();
    expect(note()).toBe("");
  });
});

describe("a reset before the chat is there", () => {
  it("forgets at once what is stored, and has the chat tell the other tabs", async () => {
    const drafts = "draft:seller-chat:123456:message";
    const { launcher, loads, calls, device } = openPage(
      {},
      { [SESSION]: "{}", "seller-chat:device": "d", [drafts]: "Hi", "seller-chat:9:session": "{}" },
    );
    launcher.reset();
    expect([...device.stored.keys()]).toEqual(["seller-chat:9:session"]);
    await loads[0]?.arrive();
    expect(calls.map(([name]) => name)).toEqual(["mount", "reset"]);
  });

  it("loads nothing where nothing is stored", () => {
    const { launcher, loads } = openPage();
    launcher.reset();
    expect(loads).toHaveLength(0);
  });
});

it("the bubble becomes the chat's own, and keeps the focus", async () => {
  const { bubble, loads, root, device, world } = openPage();
  bubble.focus();
  const mount: MountChat = (frame, options, events) => {
    const { draw, dress } = createElement(frame);
    const attention = () => ({ call: () => {}, seen: () => {} });
    const panel = { isOpen: () => false, setOpen: () => {} };
    return createWidget(options, {
      ports: device.openTab().ports,
      events,
      attention,
      draw,
      dress,
      surroundings: { page: () => "", device: () => ({}) },
      report: () => {},
      panel,
      language: async () => ENGLISH,
    });
  };
  await loads[0]?.arrive(mount);
  expect(root.querySelectorAll("button")).toHaveLength(1);
  expect(root.querySelector("button")).toBe(bubble);
  expect(root.activeElement).toBe(bubble);
  bubble.click();
  await world.clock.advance(100);
  expect(root.querySelector("dialog")).not.toBeNull();
});
