import { describe, expect, test } from "vitest";
import { createVisitorChat, type VisitorIdentity } from "../../../src/core";
import { createDevice } from "../../world/device";
import { visitorToken } from "../../world/tokens";
import { createWorld, SELLER, texts } from "../../world/world";

const MINUTE = 60_000;
const REST = "https://rest.test";

/** A shop where `customer` is signed in; undefined while its back end cannot be reached. */
function createShop(customer?: string) {
  const world = createWorld();
  world.server.visitorsNeedTokens = true;
  const shop = { ...world, customer, asked: 0 };
  const identity = async (): Promise<VisitorIdentity> => {
    shop.asked++;
    if (shop.customer === undefined) throw new Error("The shop is down.");
    return { deviceId: shop.customer, token: visitorToken(shop.customer) };
  };
  return Object.assign(shop, { identity });
}

describe("a visitor for whom the shop vouches", () => {
  test("connects under the name in the token, with the token as subprotocol", async () => {
    const { server, chattingTab, identity, contact } = createShop("customer-7");
    await chattingTab({ identity });
    expect(server.opened).toEqual([
      { url: "wss://chat.test/local?userId=customer-7", protocols: ["seller-chat", visitorToken("customer-7")] },
    ]);
    expect(contact().visitor).toBe("customer-7");
  });

  test("is asked for anew before every connection", async () => {
    const shop = createShop("customer-7");
    await shop.chattingTab({ identity: shop.identity });
    shop.server.cutAll();
    await shop.clock.advance(5_000);
    expect(shop.asked).toBe(2);
    expect(shop.server.connections()).toBe(1);
  });

  test("is asked for anew when the token has expired", async () => {
    const shop = createShop("customer-7");
    await shop.chattingTab({ identity: shop.identity });
    shop.server.pushToAll({ action: "error", code: "session_expired", reason: "The token has expired." });
    await shop.clock.advance(5_000);
    expect(shop.asked).toBe(2);
    expect(shop.server.connections()).toBe(1);
  });

  test("is waited for with growing delays while the shop cannot vouch", async () => {
    const shop = createShop();
    shop.chance.fraction = () => 0.999;
    const { chat } = shop.visitorTab({ identity: shop.identity });
    chat.start({ name: "Ada" });
    await shop.clock.advance(10_000);
    expect(shop.asked).toBe(4);
    expect(chat.getSnapshot().connection).toBe("reconnecting");
    expect(shop.server.opened).toEqual([]);
    shop.customer = "customer-7";
    await shop.clock.advance(30_000);
    expect(shop.contact().visitor).toBe("customer-7");
  });

  test("talks over REST with the token, too", async () => {
    const { clock, chattingTab, identity, contact } = createShop("customer-7");
    const tab = await chattingTab({ identity, restUrl: REST, transport: "rest" });
    tab.chat.send("Hello");
    await clock.advance(5_000);
    expect(contact().visitor).toBe("customer-7");
    expect(tab.shown()).toEqual(["opened", "assigned", "Hello"]);
  });

  test("has the same chat on another device", async () => {
    const { clock, server, chance, chattingTab, identity } = createShop("customer-7");
    const phone = createDevice(clock, chance, server).openTab();
    await chattingTab({ identity });
    createVisitorChat({ sellerId: SELLER, socketUrl: "wss://chat.test/local", identity }, phone.ports).start({});
    await clock.advance(5_000);
    expect(server.contacts.size).toBe(1);
  });
});

test("nothing is stored when the visitor leaves while the shop is asked", async () => {
  const { clock, device, visitorTab, identity } = createShop("customer-7");
  const { chat } = visitorTab({ identity });
  chat.open();
  chat.reset();
  await clock.advance(MINUTE);
  expect(device.stored.size).toBe(0);
});

test("a tab that still waits for its token stays when another one starts the chat", async () => {
  const shop = createShop("customer-7");
  const first = shop.visitorTab({ identity: shop.identity });
  first.chat.open();
  await shop.clock.advance(1_000);
  const slow = shop.visitorTab({
    identity: () => new Promise((resolve) => shop.clock.after(3_000, () => resolve(shop.identity()))),
  });
  slow.chat.open();
  await shop.clock.advance(500);
  first.chat.start({ name: "Ada" });
  await shop.clock.advance(10_000);
  expect(slow.chat.getSnapshot()).toMatchObject({ phase: "chatting", connection: "online" });
  expect(slow.shown()).toEqual(["opened", "assigned"]);
});

describe("another customer on the same device", () => {
  test("finds nothing of the one before", async () => {
    const shop = createShop("customer-7");
    const before = await shop.chattingTab({ identity: shop.identity });
    shop.disturb({ losesFrame: () => true });
    before.chat.send("My card number is");
    await shop.clock.advance(100);
    before.kill();
    shop.calm();
    shop.customer = "customer-8";
    const after = shop.visitorTab({ identity: shop.identity });
    after.chat.open();
    await shop.clock.advance(5_000);
    expect(after.chat.getSnapshot()).toMatchObject({ phase: "details", conversation: undefined, outgoing: [] });
    after.chat.start({ name: "Grace" });
    await shop.clock.advance(MINUTE);
    expect([...shop.server.contacts.values()].map(({ visitor, log }) => [visitor, texts(log)])).toEqual([
      ["customer-7", []],
      ["customer-8", []],
    ]);
  });

  test("ends what a page of the one before still shows, until somebody opens it again", async () => {
    const shop = createShop("customer-7");
    const identityBefore = async () => ({ deviceId: "customer-7", token: visitorToken("customer-7") });
    const before = await shop.chattingTab({ identity: identityBefore });
    shop.customer = "customer-8";
    const after = shop.visitorTab({ identity: shop.identity });
    after.chat.start({ name: "Grace" });
    await shop.clock.advance(5_000);
    after.chat.start({ name: "Grace" });
    await shop.clock.advance(5 * MINUTE);
    expect(before.chat.getSnapshot()).toMatchObject({ phase: "idle", connection: "idle", conversation: undefined });
    expect(after.chat.getSnapshot().phase).toBe("chatting");
    expect(shop.server.connections()).toBe(1);
  });
});

test("a token is not ignored where no tokens are believed: nothing opens", async () => {
  const shop = createShop("customer-7");
  shop.server.visitorsNeedTokens = false;
  const { chat } = shop.visitorTab({ identity: shop.identity });
  chat.start({ name: "Ada" });
  await shop.clock.advance(MINUTE);
  expect(shop.server.connections()).toBe(0);
  expect(shop.server.contacts.size).toBe(0);
});
