import { describe, expect, it } from "vitest";
import type { SellerDesk } from "../../../src/core";
import { deskWithChats } from "../../console/chats";
import { SELLER } from "../../world/world";

/** A seller with a chat, and a colleague whose desk opens when it is asked for. */
async function sellerAndColleague() {
  const { world, desk } = await deskWithChats(["Ada"]);
  const [contact = ""] = world.server.contacts.keys();
  const { desk: colleague } = world.sellerTab({ sellerId: "bo" });
  const settle = (milliseconds = 1_000) => world.clock.advance(milliseconds);
  return {
    world,
    desk,
    colleague,
    settle,
    tag: (by: SellerDesk, tag: string) => void by.tagging.add(contact, tag),
    handOver: (by: SellerDesk, to: string) => void by.transfer(contact, to),
    tagsOf: (by: SellerDesk) => by.getSnapshot().tags.get(contact),
    isRead: (by: SellerDesk) => by.getSnapshot().conversations.get(contact)?.loaded,
    asked: () => world.frames("tag").filter(({ add }) => add === undefined),
  };
}

describe("the tags of a chat that is handed over", () => {
  it("come along, and are those that it has when it comes back", async () => {
    const { desk, colleague, settle, tag, handOver, tagsOf } = await sellerAndColleague();
    colleague.open();
    tag(desk, "refund");
    await settle();
    handOver(desk, "bo");
    await settle();
    expect(tagsOf(colleague)).toEqual(["refund"]);

    tag(colleague, "VIP");
    await settle();
    handOver(colleague, SELLER);
    await settle();
    expect(tagsOf(desk)).toEqual(["VIP", "refund"]);
  });

  it("are asked for once, also where the push was lost", async () => {
    const { world, desk, colleague, settle, tag, handOver, tagsOf, asked } = await sellerAndColleague();
    colleague.open();
    tag(desk, "refund");
    await settle();
    world.disturb({ losesPush: () => true });
    handOver(desk, "bo");
    await settle();
    world.calm();
    await settle(90_000);
    expect(tagsOf(colleague)).toEqual(["refund"]);
    expect(asked()).toHaveLength(1);
  });

  it("are not asked for where a list told of them, nor in a chat that has just begun", async () => {
    const { desk, colleague, settle, tag, handOver, tagsOf, isRead, asked } = await sellerAndColleague();
    tag(desk, "refund");
    await settle();
    handOver(desk, "bo");
    await settle();
    colleague.open();
    await settle(90_000);
    expect(tagsOf(colleague)).toEqual(["refund"]);
    expect(isRead(colleague)).toBe(true);
    expect(asked()).toEqual([]);
  });
});
