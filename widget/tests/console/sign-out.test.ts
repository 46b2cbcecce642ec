// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { forgetSession, sessionOf, storedSession, storeSession } from "../../src/console/session/session";
import { createDevice } from "../world/device";
import { tokenOf } from "../world/tokens";
import { createWorld, SELLER } from "../world/world";
import { deskPage, drawn, find, leave, press, textOf } from "./desk-page";

afterEach(leave);

it("signing out tells the server before the token is forgotten", async () => {
  const { clock, server, frames, forget } = await deskPage();
  await press("Sign out");
  expect(forget).not.toHaveBeenCalled();
  await clock.advance(1_000);
  await vi.waitFor(() => expect(forget).toHaveBeenCalledWith());
  expect(frames("signOut").length).toBe(1);
  expect(server.isThere(SELLER)).toBe(false);
});

it("signing out in another tab of the device leads back to the sign-in here, with the reason", async () => {
  const world = createWorld();
  const device = createDevice(world.clock, world.chance, world.server);
  const page = await deskPage({ world, device });
  world.sellerTab({}, device).desk.signOut();
  await page.settle();
  expect(page.forget).toHaveBeenCalledWith("You signed out in another tab.");
});

it("a token that is refused leads back to the sign-in, with what to do", async () => {
  const { forget } = await deskPage({ credentials: async () => undefined });
  await vi.waitFor(() => expect(forget).toHaveBeenCalledWith(expect.stringContaining("Paste a new one")));
});

describe("a session that ends while the seller works", () => {
  async function expired() {
    let token: string | undefined = "good";
    const page = await deskPage({ credentials: async () => (token === undefined ? undefined : { token }) });
    token = undefined;
    page.server.cutAll();
    await page.settle(5_000);
    const giveToken = (next: string) => {
      token = next;
    };
    return { ...page, giveToken };
  }

  it("says so over the desk, which stays as it is", async () => {
    const { forget } = await expired();
    expect(textOf(".renewal h2")).toBe("Your session has ended");
    expect(find<HTMLDetailsElement>(".renewal details").open).toBe(true);
    expect(document.activeElement).not.toBe(find("#token"));
    expect(document.querySelector(".inbox")).not.toBeNull();
    expect(forget).not.toHaveBeenCalled();
  });

  it("goes on where it was with a new token for the same seller; anybody else's is refused in words", async () => {
    const { renew, giveToken, settle, desk } = await expired();
    const paste = async (token: string) => {
      const field = find<HTMLInputElement>(".renewal input");
      field.value = token;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await drawn();
      await press("Go on");
    };
    await paste(tokenOf({ sub: "somebody-else" }));
    expect(textOf(".renewal .problem")).toContain("This token is for somebody-else.");
    giveToken("new");
    await paste(tokenOf({ sub: SELLER }));
    expect(renew).toHaveBeenCalledWith(expect.objectContaining({ sellerId: SELLER }));
    await settle(2_000);
    expect(desk.getSnapshot().connection).toBe("online");
  });
});

it("a session is renewed five minutes before it ends, while the seller works on", async () => {
  const session = { sellerId: SELLER, token: "good", endsAt: Date.now() + 4 * 60_000 };
  await deskPage({ session });
  expect(textOf(".renewal h2")).toBe("Your session ends in 4 minutes");
});

it("a session that is about to end takes the keyboard from nobody who writes, and its form is folded", async () => {
  const session = { sellerId: SELLER, token: "good", endsAt: Date.now() + 4 * 60_000 };
  await deskPage({ session });
  expect(document.activeElement).toBe(document.body);
  expect(find<HTMLDetailsElement>(".renewal details").open).toBe(false);
});

it("a session that goes on past its end is not announced: the computer's clock is wrong", async () => {
  await deskPage({ session: { sellerId: SELLER, token: "good", endsAt: Date.now() - 60_000 } });
  expect(document.querySelector(".renewal")).toBeNull();
});

it("a token is kept for this tab alone, and no longer than that", () => {
  const session = sessionOf(tokenOf({ sub: SELLER }));
  if (!session) throw new Error("This is a token.");
  localStorage.clear();
  storeSession(session);
  expect(storedSession()).toEqual(session);
  expect(JSON.stringify(sessionStorage)).toContain(session.token);
  expect(localStorage.length).toBe(0);
  forgetSession();
  expect(storedSession()).toBeUndefined();
});
