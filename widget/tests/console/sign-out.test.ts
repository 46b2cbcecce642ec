// @vitest-environment happy-dom
import { h, render } from "preact";
import { afterEach, expect, it, vi } from "vitest";
import { Desk } from "../../src/console/desk";
import { createWorld, SELLER } from "../world/world";

afterEach(() => render(null, document.body));

async function atTheDesk() {
  const world = createWorld();
  const tokens = [{ token: "good" }];
  const credentials = async () => tokens.shift();
  const { desk } = world.sellerTab({ credentials });
  const forget = vi.fn();
  render(h(Desk, { desk, sellerId: SELLER, signOut: forget }), document.body);
  await vi.waitFor(() => expect(desk.getSnapshot().connection).not.toBe("idle"));
  await world.clock.advance(1_000);
  return { ...world, forget };
}

function press(name: string): void {
  [...document.querySelectorAll("button")].find((button) => button.textContent === name)?.click();
}

it("signing out tells the server before the token is forgotten", async () => {
  const { clock, server, frames, forget } = await atTheDesk();
  press("Sign out");
  expect(forget).not.toHaveBeenCalled();
  await clock.advance(1_000);
  await vi.waitFor(() => expect(forget).toHaveBeenCalledWith(undefined));
  expect(frames("signOut").length).toBe(1);
  expect(server.isThere(SELLER)).toBe(false);
});

it("a session that ended by itself says so", async () => {
  const { clock, server, forget } = await atTheDesk();
  server.cutAll();
  await clock.advance(5_000);
  await vi.waitFor(() => expect(forget).toHaveBeenCalledWith("Your session has ended. Sign in again."));
});
