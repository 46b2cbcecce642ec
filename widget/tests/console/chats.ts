import { createVisitorChat, type UserInfo } from "../../src/core";
import { createDevice } from "../world/device";
import { createWorld, SELLER, type World } from "../world/world";

/** A seller's desk with a chat for each of the visitors, who have said hello. */
export async function deskWithChats(names: readonly string[]) {
  const world: World = createWorld();
  const seller = world.sellerTab();
  seller.desk.open();
  for (const name of names) (await visitorOf(world, name)).send(`Hello from ${name}`);
  await world.clock.advance(5_000);
  return { world, desk: seller.desk };
}

/** A visitor whose chat has started, and who has written nothing yet. */
export async function visitorOf(world: World, told: string | UserInfo) {
  const tab = createDevice(world.clock, world.chance, world.server).openTab();
  const chat = createVisitorChat({ sellerId: SELLER, socketUrl: "wss://chat.test/local" }, tab.ports);
  chat.start(typeof told === "string" ? { name: told, email: `${told}@example.com` } : told);
  await world.clock.advance(5_000);
  return chat;
}
