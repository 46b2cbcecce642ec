import { h, render } from "preact";
import { vi } from "vitest";
import { createDrafts } from "../../src/console/conversation/drafts";
import { Desk } from "../../src/console/desk";
import type { Session } from "../../src/console/session/session";
import type { SellerDeskOptions } from "../../src/core";
import type { Device } from "../world/device";
import { createWorld, SELLER, type World } from "../world/world";
import { visitorOf } from "./chats";

export interface DeskOptions {
  readonly world?: World;
  readonly device?: Device;
  readonly isFresh?: boolean;
  readonly session?: Session;
  readonly credentials?: SellerDeskOptions["credentials"];
  /** What the page's sounds go through, where it matters. */
  readonly audio?: new () => object;
}

const SESSION: Session = { sellerId: SELLER, token: "good" };

/** The console's page after the sign-in, in a browser without a screen, talking to the model server. */
export async function deskPage({
  world = createWorld(),
  device,
  isFresh = true,
  session = SESSION,
  credentials,
  audio = Audible,
}: DeskOptions = {}) {
  // What this browser without a screen lacks.
  vi.stubGlobal("AudioContext", audio);
  const tab = world.sellerTab(credentials ? { credentials } : {}, device);
  const { desk } = tab;
  const forget = vi.fn();
  const renew = vi.fn();
  const drafts = createDrafts();
  render(h(Desk, { shopName: "Café Ana", desk, session, isFresh, drafts, renew, signOut: forget }), document.body);
  const settle = async (milliseconds = 1_000) => {
    await world.clock.advance(milliseconds);
    await drawn();
  };
  await vi.waitFor(() => {
    if (desk.getSnapshot().connection === "idle") throw new Error("The desk is not open yet.");
  });
  await settle();
  return { ...world, world, tab, desk, forget, renew, drafts, settle };
}

/** That page, once each of the visitors has said hello. */
export async function deskPageWith(names: readonly string[], world: World = createWorld()) {
  const page = await deskPage({ world });
  const visitors = [];
  for (const name of names) {
    const chat = await visitorOf(world, name);
    chat.send(`Hello from ${name}`);
    visitors.push(chat);
    await page.settle();
  }
  return { ...page, visitors };
}

/** Effects run after a frame. */
export async function drawn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
}

export function leave(): void {
  render(null, document.body);
  location.hash = "";
  localStorage.clear();
  sessionStorage.clear();
}

export function button(name: string): HTMLButtonElement {
  const found = [...document.querySelectorAll("button")].find(
    (each) => (each.getAttribute("aria-label") ?? each.textContent) === name,
  );
  if (!found) throw new Error(`There is no button ${name}.`);
  return found;
}

export async function press(name: string): Promise<void> {
  button(name).click();
  await drawn();
}

export function find<Found extends Element = HTMLElement>(selector: string): Found {
  const found = document.querySelector<Found>(selector);
  if (!found) throw new Error(`There is no ${selector}.`);
  return found;
}

export function textOf(selector: string): string | undefined {
  return document.querySelector(selector)?.textContent ?? undefined;
}

/** The names in the list, from its top. */
export function listed(): readonly (string | null)[] {
  return [...document.querySelectorAll(".contact .name")].map(({ textContent }) => textContent);
}

export async function choose(name: string): Promise<void> {
  const row = [...document.querySelectorAll<HTMLButtonElement>(".contact")].find(
    (each) => each.querySelector(".name")?.textContent === name,
  );
  if (!row) throw new Error(`${name} is not listed.`);
  row.click();
  await drawn();
}

export async function write(text: string): Promise<void> {
  const field = find<HTMLTextAreaElement>(".composer textarea");
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await drawn();
}

/** Type into a field, in place of what is there. */
export async function fill(selector: string, text: string): Promise<void> {
  const field = find<HTMLInputElement | HTMLTextAreaElement>(selector);
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await drawn();
}

export async function pressKey(key: string, options: KeyboardEventInit = {}, target?: Element): Promise<void> {
  const at = target ?? document.activeElement ?? document.body;
  at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
  await drawn();
}

function soundless() {
  const set = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  return { frequency: set, gain: set, connect: (next: object) => next, start() {}, stop() {} };
}

class Audible {
  state = "running";
  currentTime = 0;
  destination = {};
  resume() {}
  createOscillator = soundless;
  createGain = soundless;
}
