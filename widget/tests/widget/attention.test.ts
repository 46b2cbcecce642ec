import { describe, expect, it, vi } from "vitest";
import type { Ports } from "../../src/core";
import { createAttention } from "../../src/widget/attention";
import { createWorld, type World } from "../world/world";

/** Tabs may be processes of their own: one sees some time later what another has stored, also after waiting for its lock. */
const LAG_MS = 300;

/** A tab of `world`'s device that sees what others store when `LAG_MS` have passed. */
function laggingPorts({ clock, device }: World, store: Ports["store"]): Ports {
  const own = new Map<string, string>();
  return {
    ...device.openTab().ports,
    store: {
      ...store,
      get: (key) => own.get(key) ?? store.get(key),
      set: (key, value) => {
        own.set(key, value);
        clock.after(LAG_MS, () => {
          store.set(key, value);
          own.delete(key);
        });
      },
    },
  };
}

describe("a visitor who looks away", () => {
  it("is called once for each message, however many tabs there are and however late they see what each has stored", async () => {
    const world = createWorld();
    const { store } = world.device.openTab().ports;
    const chime = vi.fn();
    const tabs = [1, 2, 3].map(() =>
      createAttention(
        laggingPorts(world, store),
        { chime, blink: () => () => {} },
        { isSeen: () => false, words: () => "", isLoud: () => true },
      ),
    );
    for (const seq of [4, 5]) {
      for (const tab of tabs) tab.call("contact", seq);
      await world.clock.advance(5_000);
    }
    expect(chime).toHaveBeenCalledTimes(2);
  });
});
