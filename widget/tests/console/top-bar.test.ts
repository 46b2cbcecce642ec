// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { button, deskPage, drawn, find, leave, textOf } from "./desk-page";

afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

describe("a browser that keeps the page silent", () => {
  it("is told of, and any press ends it", async () => {
    const page = await deskPage({ isFresh: false });
    expect(document.querySelector(".silent")).toBeNull();
    leave();

    const resumed = vi.fn();
    class Suspended {
      static one: Suspended | undefined;
      state = "suspended";
      onstatechange = () => {};
      constructor() {
        Suspended.one = this;
      }
      resume() {
        resumed();
        this.state = "running";
        this.onstatechange();
      }
    }
    await deskPage({ world: page.world, isFresh: false, audio: Suspended });
    expect(button("Turn the sound on").textContent).toContain("Turn the sound on");
    window.dispatchEvent(new Event("pointerdown"));
    await drawn();
    expect(resumed).toHaveBeenCalledOnce();
    expect(document.querySelector(".silent")).toBeNull();
  });
});

describe("notifications that the browser forbids", () => {
  it.each([
    ["denied", "Your browser forbids them for this page. Allow them at the lock or the bell beside the address."],
    ["default", "Your browser was not allowed to show them. Switch them on again and choose “Allow”."],
  ])("are off, and it is said why and what to do: %s", async (permission, sentence) => {
    vi.stubGlobal("Notification", { permission, requestPermission: async () => permission });
    await deskPage();
    const box = [...document.querySelectorAll<HTMLLabelElement>(".switch")]
      .find(({ textContent }) => textContent === "Desktop notifications")
      ?.querySelector("input");
    box?.click();
    await drawn();
    expect(box?.checked).toBe(false);
    expect(textOf(".top [role=alert]")).toBe(sentence);
  });
});

describe("the bar", () => {
  it("says the shop's name", async () => {
    await deskPage();
    expect(textOf(".top h1")).toBe("Café Ana");
  });
});

describe("the page", () => {
  it("asks a browser's translator to leave it alone", () => {
    const page = readFileSync("src/console/console.html", "utf8");
    expect(new DOMParser().parseFromString(page, "text/html").documentElement.getAttribute("translate")).toBe("no");
  });

  it("goes back to where the seller was, by the browser's own button", async () => {
    const page = await deskPage();
    location.hash = "#/closed";
    window.dispatchEvent(new Event("hashchange"));
    await page.settle();
    expect(find('.tabs [aria-pressed="true"]').textContent).toBe("Closed");
    location.hash = "#/open";
    window.dispatchEvent(new Event("hashchange"));
    await page.settle();
    expect(find('.tabs [aria-pressed="true"]').textContent).toBe("Open");
  });
});
