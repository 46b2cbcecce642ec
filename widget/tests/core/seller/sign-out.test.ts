import { expect, test } from "vitest";
import type { SellerDeskOptions } from "../../../src/core";
import { createDevice } from "../../world/device";
import { createWorld, SELLER, type SellerTab, type World } from "../../world/world";

async function atWork(options: Partial<SellerDeskOptions> = {}) {
  const world = createWorld();
  const device = createDevice(world.clock, world.chance, world.server);
  const tab = await openedTab(world, () => world.sellerTab(options, device));
  return { ...world, sellersDevice: device, ...tab };
}

async function openedTab(world: World, openTab: () => SellerTab): Promise<SellerTab> {
  const tab = openTab();
  tab.desk.open();
  tab.desk.setPresence("online");
  await world.clock.advance(5_000);
  return tab;
}

test("says that the seller is gone, then that his connections may end, in this order", async () => {
  const { clock, server, desk } = await atWork();
  server.received.length = 0;
  desk.signOut();
  await clock.advance(1_000);
  expect(server.received.map(({ frame }) => frame)).toEqual([
    { action: "presence", status: "offline" },
    { action: "signOut" },
  ]);
  expect(desk.getSnapshot()).toMatchObject({ connection: "signed_out", problem: undefined });
  expect(server.isThere(SELLER)).toBe(false);
});

test("is for good: nothing connects again", async () => {
  const { clock, server, desk, focus } = await atWork();
  desk.signOut();
  await clock.advance(1_000);
  const opened = server.opened.length;
  focus();
  await clock.advance(10 * 60_000);
  expect(server.opened.length).toBe(opened);
  expect(server.connections()).toBe(0);
});

test("works without a connection, at once", async () => {
  const { clock, server, desk, disturb, calm } = await atWork();
  disturb({ mayOpen: () => false });
  server.cutAll();
  await clock.advance(1_000);
  server.received.length = 0;
  desk.signOut();
  expect(desk.getSnapshot().connection).toBe("signed_out");
  calm();
  await clock.advance(60_000);
  expect(server.received).toEqual([]);
});

test("works when the connection breaks meanwhile", async () => {
  const { clock, server, desk } = await atWork();
  desk.signOut();
  server.cutAll();
  expect(desk.getSnapshot().connection).toBe("signed_out");
  await clock.advance(60_000);
  expect(server.connections()).toBe(0);
});

test("waits for a server that does not answer five seconds, and no longer", async () => {
  const { clock, desk, disturb } = await atWork();
  disturb({ losesFrame: () => true });
  desk.signOut();
  await clock.advance(4_900);
  expect(desk.getSnapshot().connection).toBe("online");
  await clock.advance(200);
  expect(desk.getSnapshot().connection).toBe("signed_out");
});

test.each(["presence", "signOut"] as const)("asks again when the server could not carry out %s", async (action) => {
  const { clock, chance, server, desk, disturb, calm } = await atWork();
  chance.fraction = () => 0.5;
  disturb({ refuses: (frame) => (frame.action === action ? "try_again" : undefined) });
  desk.signOut();
  await clock.advance(200);
  calm();
  await clock.advance(4_000);
  expect(server.received.at(-1)?.frame.action).toBe("signOut");
  expect(desk.getSnapshot().connection).toBe("signed_out");
});

test("ends the connections even of a seller who has no presence to give up", async () => {
  const { clock, server, desk, disturb } = await atWork();
  disturb({ refuses: ({ action }) => (action === "presence" ? "unknown_seller" : undefined) });
  desk.signOut();
  await clock.advance(1_000);
  expect(server.received.at(-1)?.frame.action).toBe("signOut");
  expect(desk.getSnapshot()).toMatchObject({ connection: "signed_out", problem: undefined });
});

test("signs out the other tabs, which would come back and say that the seller is there", async () => {
  const { clock, server, sellersDevice, desk, ...world } = await atWork();
  const other = await openedTab({ clock, server, ...world }, () => world.sellerTab({}, sellersDevice));
  desk.signOut();
  await clock.advance(5 * 60_000);
  expect(other.desk.getSnapshot().connection).toBe("signed_out");
  expect(server.connections()).toBe(0);
  expect(server.isThere(SELLER)).toBe(false);
});

test("gives up what was asked when the desk is closed meanwhile", async () => {
  const { clock, server, desk, disturb } = await atWork();
  disturb({ losesFrame: () => true });
  desk.signOut();
  desk.destroy();
  await clock.advance(60_000);
  expect(desk.getSnapshot().connection).toBe("idle");
  expect(server.connections()).toBe(0);
});
