import { vi } from "vitest";
import { ENGLISH } from "../../src/strings";
import { type AttentionWorld, createAttention } from "../../src/widget/attention";
import { createElement } from "../../src/widget/element";
import { createEvents, EVENTS, type EventName, type WidgetEvents } from "../../src/widget/events";
import { createFrame } from "../../src/widget/frame";
import type { BootOptions } from "../../src/widget/settings";
import { createTally, type Troubles } from "../../src/widget/tally";
import { createWidget, type Widget } from "../../src/widget/widget";
import { createDevice, type Device } from "../world/device";
import { createWorld, SELLER, type World } from "../world/world";

/** The widget on a page, in a browser without a screen, talking to the model server. */
export interface Page {
  readonly world: World;
  readonly widget: Widget;
  readonly events: { readonly name: EventName; readonly detail: unknown }[];
  readonly device: Device;
  /** Where the visitor is. */
  readonly around: { address: string };
  /** Sounds that were made, and whether the title asks for the visitor. */
  readonly calls: { sounds: number; isTitled: boolean };
  /** What the visitor felt of trouble until now. */
  troubles(): Troubles | undefined;
  /** The options that telling of it would go by now; undefined where there was none. */
  optionsOfReport(): BootOptions | undefined;
  find(selector: string): HTMLElement;
  exists(selector: string): boolean;
  isPanelOpen(): boolean;
  /** What a person reads, without what is only for the ear. */
  text(): string;
  press(name: string): void;
  write(text: string): void;
  settle(milliseconds?: number): Promise<void>;
  setPageVisible(visible: boolean): void;
  leave(): void;
}

export const OPTIONS: BootOptions = { sellerId: SELLER, apiUrl: "wss://chat.test/local", pages: "none" };

export function openPage(options: Partial<BootOptions> = {}, where: World | Page = createWorld()): Page {
  const before = "widget" in where ? where : undefined;
  const world = "widget" in where ? where.world : where;
  const device = before?.device ?? createDevice(world.clock, world.chance, world.server);
  const tab = device.openTab();
  const element = createElement(createFrame());
  const host = document.documentElement.lastElementChild as HTMLElement;
  const calls = { sounds: 0, isTitled: false };
  const root = host.shadowRoot as ShadowRoot;
  const events: Page["events"] = [];
  const emitter = createEvents();
  for (const name of EVENTS)
    emitter.on(name, (detail: WidgetEvents[typeof name]) => void events.push({ name, detail }));
  let panel = before?.isPanelOpen() ?? false;
  const attention: AttentionWorld = {
    chime: () => void calls.sounds++,
    blink: () => {
      calls.isTitled = true;
      return () => {
        calls.isTitled = false;
      };
    },
  };
  const around = { address: "https://shop.test/" };
  const surroundings = { page: () => around.address, device: () => ({ language: "en-GB" }) };
  const tally = createTally(world.clock.now, world.clock.now());
  let reported: (() => BootOptions) | undefined;
  const widget = createWidget(
    { ...OPTIONS, ...options },
    {
      ports: tab.ports,
      events: emitter,
      attention: (ports, about) => createAttention(ports, attention, about),
      surroundings,
      report: (felt, chat, snapshot, current) => {
        reported = current;
        tally.follow(chat, snapshot);
        if (felt === "cut") tally.back();
      },
      draw: element.draw,
      dress: element.dress,
      panel: {
        isOpen: () => panel,
        setOpen: (open) => {
          panel = open;
        },
      },
      language: async () => ENGLISH,
    },
  );

  const find = (selector: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`There is no ${selector} in ${root.innerHTML}`);
    return found;
  };
  const settle = async (milliseconds = 5_000) => {
    await world.clock.advance(milliseconds);
    // What is loaded when it is first drawn.
    await vi.dynamicImportSettled();
  };
  return {
    world,
    widget,
    around,
    events,
    device,
    calls,
    troubles: tally.troubles,
    optionsOfReport: () => reported?.(),
    find,
    isPanelOpen: () => panel,
    exists: (selector) => root.querySelector(selector) !== null,
    text: () => root.textContent ?? "",
    press: (name) => {
      const button = [...root.querySelectorAll("button")].find(
        (each) => (each.getAttribute("aria-label") ?? each.textContent) === name,
      );
      if (!button) throw new Error(`There is no button ${name}.`);
      button.click();
    },
    write: (text) => {
      const input = find("textarea[name=message]") as HTMLTextAreaElement;
      input.value = text;
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    },
    settle,
    setPageVisible: tab.setPageVisible,
    leave: () => {
      tab.kill();
      element.remove();
    },
  };
}

/** A page on which the chat has started. */
export async function openChat(options: Partial<BootOptions> = {}): Promise<Page> {
  const page = openPage(options);
  await startChat(page);
  return page;
}

/** Opens the panel and fills in the form. */
export async function startChat(page: Page): Promise<void> {
  page.widget.open();
  await page.settle(100);
  (page.find("input[name=name]") as HTMLInputElement).value = "Ada";
  page.press("Start chat");
  await page.settle();
}
