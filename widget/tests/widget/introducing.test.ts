// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { surroundings } from "../../src/widget/browser-surroundings";
import { SELLER } from "../world/world";
import { openPage, type Page, startChat } from "./page";

let page: Page;
afterEach(() => page.leave());

const told = () => page.world.frames("identify").map(({ userInfo }) => userInfo);
const entries = () => page.world.contact().log.filter(({ kind }) => kind === "identified");
const began = () => page.world.frames("InitChat").at(-1)?.userInfo;

describe("what the shop learns of a visitor while a chat goes on", () => {
  it("reaches the seller as an entry, once, and only what is new", async () => {
    page = openPage({ userInfo: { name: "Ada", cart: { items: 3 } } });
    await startChat(page);
    page.widget.update({ userInfo: { name: "Ada Lovelace", cart: { items: 3 }, plan: "gold" } });
    await page.settle();
    expect(told()).toEqual([{ name: "Ada Lovelace", plan: "gold" }]);
    expect(entries().map(({ user_info }) => user_info)).toEqual(told());
    page.widget.update({ userInfo: { name: "Ada Lovelace", cart: { items: 3 }, plan: "gold" } });
    await page.settle();
    expect(told()).toHaveLength(1);
  });

  it("reaches them too where the next page says it at its start", async () => {
    page = openPage({ userInfo: { name: "Ada" } });
    await startChat(page);
    page.leave();
    page = openPage({ userInfo: { name: "Ada", plan: "gold" } }, page);
    await page.settle();
    expect(told()).toEqual([{ plan: "gold" }]);
    page.leave();
    page = openPage({ userInfo: { name: "Ada", plan: "gold" } }, page);
    await page.settle();
    expect(told()).toHaveLength(1);
  });

  it("leaves the name that the visitor gave alone, as long as the shop says the same", async () => {
    page = openPage({ userInfo: { name: "A. Lovelace" } });
    await startChat(page);
    await page.settle();
    expect(began()).toMatchObject({ name: "Ada" });
    expect(told()).toEqual([]);
  });

  it("is told again where it was not answered, and not to a chat that is over", async () => {
    page = openPage();
    await startChat(page);
    page.world.disturb({ refuses: ({ action }) => (action === "identify" ? "try_again" : undefined) });
    page.widget.update({ userInfo: { plan: "gold" } });
    await page.settle(120_000);
    expect(entries()).toHaveLength(0);
    page.world.calm();
    page.world.server.append("c1", { kind: "message", id: "m1", from: SELLER, message: "Hello" });
    await page.settle();
    expect(entries()).toHaveLength(1);
    page.world.server.append("c1", { kind: "closed", from: SELLER });
    await page.settle();
    page.widget.update({ userInfo: { plan: "silver" } });
    await page.settle();
    expect(entries()).toHaveLength(1);
  });
});

describe("the pages that a visitor looks at", () => {
  it("are told with the start of a chat, with what the visitor sits at, and no more", async () => {
    page = openPage({ pages: "first" });
    page.around.address = "https://shop.test/bowls";
    expect(page.device.stored.size).toBe(0);
    await startChat(page);
    expect(began()).toEqual({ page: "https://shop.test/bowls", language: "en-GB", name: "Ada" });
    page.around.address = "https://shop.test/cart";
    await page.settle();
    expect(told()).toEqual([]);
  });

  it("are told as they change, where the shop wants it", async () => {
    page = openPage({ pages: "all" });
    page.widget.open();
    page.around.address = "https://shop.test/bowls";
    await page.settle();
    await startChat(page);
    expect(told()).toEqual([]);
    page.around.address = "https://shop.test/cart";
    await page.settle();
    page.leave();
    page = openPage({ pages: "all" }, page);
    await page.settle();
    expect(told()).toEqual([{ page: "https://shop.test/cart" }, { page: "https://shop.test/" }]);
  });

  it("are told once each where two tabs show different ones", async () => {
    page = openPage({ pages: "all" });
    await startChat(page);
    const other = openPage({ pages: "all" }, page);
    other.around.address = "https://shop.test/cart";
    await page.settle(30_000);
    expect(told()).toEqual([{ page: "https://shop.test/cart" }]);
    other.leave();
  });

  it("are told to nobody where the shop does not want it", async () => {
    page = openPage({ pages: "none" });
    await startChat(page);
    expect(began()).toEqual({ name: "Ada" });
  });

  it("are left out where the shop's own details take all the room", async () => {
    page = openPage({ pages: "first", userInfo: { one: "x".repeat(980), other: "x".repeat(980) } });
    await startChat(page);
    expect(began()).toMatchObject({ name: "Ada" });
    expect(Object.keys(began() ?? {})).toEqual(["one", "other", "name"]);
  });

  it("are left out before anything that the visitor says is", async () => {
    page = openPage({ pages: "first", userInfo: { one: "x".repeat(980), other: "x".repeat(980) } });
    page.widget.open();
    await page.settle(100);
    (page.find("input[name=name]") as HTMLInputElement).value = "Ada Augusta King, Countess of Lovelace";
    (page.find("input[name=email]") as HTMLInputElement).value = "ada@shop.test";
    page.press("Start chat");
    await page.settle();
    expect(began()).toEqual({ name: "Ada Augusta King, Countess of Lovelace", email: "ada@shop.test" });
  });

  it("are those of another time when another chat is started", async () => {
    page = openPage({ pages: "first" });
    page.around.address = "https://shop.test/bowls";
    await startChat(page);
    page.world.server.reopens = false;
    page.world.server.append("c1", { kind: "closed", from: SELLER });
    page.around.address = "https://shop.test/cart";
    await page.settle();
    page.press("Start a new chat");
    await page.settle();
    expect(page.world.frames("InitChat").map(({ userInfo }) => userInfo)).toEqual([
      { page: "https://shop.test/bowls", language: "en-GB", name: "Ada" },
      { page: "https://shop.test/cart", language: "en-GB", name: "Ada" },
    ]);
  });

  it("are known by their address, without what only the page itself is to know", () => {
    page = openPage();
    history.replaceState(null, "", `/bowls?colour=blue#token=secret`);
    expect(surroundings.page()).toMatch(/\/bowls\?colour=blue$/);
    expect(surroundings.device()).toMatchObject({ language: navigator.language });
  });
});
