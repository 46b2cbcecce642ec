import { describe, expect, it } from "vitest";
import type { SellerDesk } from "../../../src/core";
import { createDevice } from "../../world/device";
import { newContact } from "../../world/server/contact";
import { createWorld, SELLER } from "../../world/world";

const HOUR = 3_600_000;
const CONTACT = "contact-Ada";

/** A chat that the seller has open on two devices. */
async function twoDevices() {
  const world = createWorld();
  const { server, clock, chance } = world;
  server.contacts.set(CONTACT, newContact(CONTACT, "device-Ada", SELLER, { seller: SELLER, status: "open" }));
  server.append(CONTACT, { kind: "opened", from: `visitor-${CONTACT}`, id: "open.opened", user_info: { name: "Ada" } });
  server.append(CONTACT, { kind: "assigned", from: "system", id: "open", seller_id: SELLER });
  server.say(CONTACT, "visitor", "Where is my bowl?");
  const open = async () => {
    const { desk } = world.sellerTab({}, createDevice(clock, chance, server));
    desk.open();
    await clock.advance(5_000);
    return desk;
  };
  return { ...world, laptop: await open(), phone: await open(), open };
}

const snoozeOn = (desk: SellerDesk) => desk.getSnapshot().snoozes.get(CONTACT);

async function putAway({ laptop, clock }: Awaited<ReturnType<typeof twoDevices>>, hours = 14) {
  const until = clock.now() + hours * HOUR;
  const done = laptop.snoozing.putAway(CONTACT, until);
  await clock.advance(1_000);
  expect(await done).toBe(true);
  return until;
}

describe("a chat that is snoozed", () => {
  it("is away on all devices of the seller, and back at its time on all of them without anybody asking", async () => {
    const world = await twoDevices();
    const until = await putAway(world, 1);
    for (const desk of [world.laptop, world.phone]) expect(snoozeOn(desk)).toEqual({ until, isBack: false });

    let changes = 0;
    world.phone.subscribe(() => changes++);
    await world.clock.advance(HOUR - 2_000);
    expect(snoozeOn(world.phone)?.isBack).toBe(false);
    await world.clock.advance(2_000);

    for (const desk of [world.laptop, world.phone]) expect(snoozeOn(desk)).toEqual({ until, isBack: true });
    expect(changes).toBeGreaterThan(0);
    expect(world.frames("snooze")).toHaveLength(1);
    expect(world.clock.longestWait).toBeLessThan(2 ** 31);
  });

  it("is back on a device that has no connection, too", async () => {
    const world = await twoDevices();
    await putAway(world, 1);
    world.disturb({ losesFrame: () => true });
    world.server.cutAll();
    let isBack: boolean | undefined;
    world.laptop.subscribe(() => {
      isBack = snoozeOn(world.laptop)?.isBack;
    });

    await world.clock.advance(HOUR);

    expect(isBack).toBe(true);
  });

  it("is back at once when its visitor writes, and stays away whatever its seller writes", async () => {
    const world = await twoDevices();
    await putAway(world);

    world.laptop.send(CONTACT, "I ask, and write to you tomorrow");
    await world.clock.advance(2_000);
    for (const desk of [world.laptop, world.phone]) expect(snoozeOn(desk)?.isBack).toBe(false);

    world.server.say(CONTACT, "visitor", "Thank you");
    await world.clock.advance(2_000);
    for (const desk of [world.laptop, world.phone]) expect(snoozeOn(desk)).toBeUndefined();
  });

  it("is not away any more once it was closed", async () => {
    const world = await twoDevices();
    await putAway(world);

    await Promise.all([world.laptop.close(CONTACT), world.clock.advance(2_000)]);

    for (const desk of [world.laptop, world.phone]) expect(snoozeOn(desk)).toBeUndefined();
  });

  it("stays where its visitor has written what its seller has not seen", async () => {
    const world = await twoDevices();
    world.disturb({ losesPush: () => true });
    world.server.say(CONTACT, "visitor", "One more thing");

    const done = world.laptop.snoozing.putAway(CONTACT, world.clock.now() + HOUR);
    await world.clock.advance(1_000);

    expect(await done).toBe(false);
    expect(snoozeOn(world.laptop)).toBeUndefined();
  });

  it("stays away as another device said that knew more, whatever one that is behind asks for", async () => {
    const world = await twoDevices();
    world.disturb({ losesPush: () => true });
    world.server.say(CONTACT, "visitor", "One more thing");
    const until = world.clock.now() + HOUR;
    const tablet = await world.open();
    await Promise.all([tablet.snoozing.putAway(CONTACT, until), world.clock.advance(1_000)]);

    const done = world.laptop.snoozing.putAway(CONTACT, until + HOUR);
    await world.clock.advance(30_000);

    expect(await done).toBe(true);
    for (const desk of [world.laptop, tablet]) expect(snoozeOn(desk)).toEqual({ until, isBack: false });
  });

  it("is found to be away, or back, by a device that was not there, and not once it was looked at elsewhere", async () => {
    const world = await twoDevices();
    const until = await putAway(world);
    expect(snoozeOn(await world.open())).toEqual({ until, isBack: false });
    await world.clock.advance(20 * HOUR);
    expect(snoozeOn(await world.open())).toEqual({ until, isBack: true });

    await Promise.all([world.laptop.snoozing.fetchBack(CONTACT), world.clock.advance(2_000)]);

    for (const desk of [world.laptop, world.phone, await world.open()]) expect(snoozeOn(desk)).toBeUndefined();
  });

  it("is known within a minute to a device that missed the push", async () => {
    const world = await twoDevices();
    world.disturb({ losesPush: () => true });
    await putAway(world);
    expect(snoozeOn(world.phone)).toBeUndefined();
    world.calm();

    await world.clock.advance(60_000);

    expect(snoozeOn(world.phone)?.isBack).toBe(false);
  });

  it("is snoozed once where the answer was lost, also if its visitor writes before it is asked for again", async () => {
    const world = await twoDevices();
    let lost = 0;
    world.disturb({ losesReply: () => lost++ === 0 });
    const done = world.laptop.snoozing.putAway(CONTACT, world.clock.now() + HOUR);
    await world.clock.advance(2_000);
    world.server.say(CONTACT, "visitor", "Are you there?");
    await world.clock.advance(20_000);

    expect(await done).toBe(false);
    expect(new Set(world.frames("snooze").map(({ id }) => id)).size).toBe(1);
    expect(world.frames("snooze").length).toBeGreaterThan(1);
    expect(snoozeOn(world.laptop)).toBeUndefined();
  });

  it("is snoozed once where the connection was lost with the answer, and nobody is told otherwise", async () => {
    const world = await twoDevices();
    world.disturb({ losesReply: () => true });
    const done = world.laptop.snoozing.putAway(CONTACT, world.clock.now() + HOUR);
    await world.clock.advance(200);
    world.server.cutAll();
    await world.clock.advance(200);
    world.calm();
    await world.clock.advance(20_000);

    expect(await done.catch(({ code }) => code)).toBe(true);
    expect(new Set(world.frames("snooze").map(({ id }) => id)).size).toBe(1);
    expect(snoozeOn(world.laptop)?.isBack).toBe(false);
  });

  it("is refused for a time that is none to come, with a problem that says so", async () => {
    const world = await twoDevices();

    const done = world.laptop.snoozing.putAway(CONTACT, world.clock.now() - HOUR).catch(({ code }) => code);
    await world.clock.advance(1_000);

    expect(await done).toBe("bad_field");
  });
});
