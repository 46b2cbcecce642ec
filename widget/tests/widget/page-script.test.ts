// @vitest-environment happy-dom
/** Markup that is named like a property of the page is not believed. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { currentScript, pageApi } from "../../src/widget/page-script";

const SOURCES = join(import.meta.dirname, "../../src");

/** What a browser does for an element of that name: it stands in the place of the property. */
function clobber(owner: Document | Window, name: string, element: Element): void {
  Object.defineProperty(owner, name, { value: element, configurable: true });
}

function running(script: unknown): void {
  vi.spyOn(Document.prototype, "currentScript", "get").mockReturnValue(script as HTMLScriptElement | null);
}

afterEach(() => {
  vi.restoreAllMocks();
  Reflect.deleteProperty(document, "currentScript");
  Reflect.deleteProperty(window, "SellerChat");
});

describe("the script's own tag", () => {
  it("is the one that runs, whatever element bears the name `currentScript`", () => {
    const own = document.createElement("script");
    running(own);
    const image = document.createElement("img");
    image.src = "https://attacker.example/x.png";
    clobber(document, "currentScript", image);

    expect(currentScript()).toBe(own);
  });

  it("is not there where something else than an HTML script runs", () => {
    running(document.createElementNS("http://www.w3.org/2000/svg", "script"));

    expect(currentScript()).toBeNull();
  });

  it("is asked for in no other way", () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
    const asking = files.filter((file) => readFileSync(join(SOURCES, file), "utf8").includes("document.currentScript"));

    expect(asking).toEqual([]);
  });
});

describe("what stands under `SellerChat`", () => {
  it("is nothing, where an element bears that name", () => {
    clobber(window, "SellerChat", document.createElement("a"));

    expect(pageApi()).toBeUndefined();
  });

  it("is a queue of calls, where it is a function", () => {
    const queue = (): void => undefined;
    Reflect.set(window, "SellerChat", queue);

    expect(pageApi()).toBe(queue);
  });
});
