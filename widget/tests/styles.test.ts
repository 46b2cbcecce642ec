import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const SOURCES = `${import.meta.dirname}/../src`;
const SHEETS = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css"));

/** A value without the declarations of custom properties, which is where colours are given their names. */
function withoutTokens(css: string): string {
  return css.replace(/\/\*.*?\*\//gs, "").replace(/--[\w-]+:[^;]*;/g, "");
}

function source(name: string): string {
  return readFileSync(`${SOURCES}/${name}`, "utf8");
}

it.each(SHEETS)("%s names its colours", (name) => {
  const found = withoutTokens(source(name)).match(/#[\da-f]{3,8}\b/gi);
  expect(found ?? []).toEqual([]);
});

// Only the console's: in the widget a name would cost every page of a shop some bytes.
it.each(SHEETS.filter((name) => name.startsWith("console/")))(
  "%s writes small text and round corners by name",
  (name) => {
    const named = [...source("console/console.css").matchAll(/--(?:text|radius)-[\w-]+: (\d+px);/g)].map(
      ([, size]) => size,
    );
    const written = [...source(name).matchAll(/(?:font-size|border-radius): (\d+px);/g)].map(([, size]) => size);

    expect(named.length).toBeGreaterThan(3);
    expect(written.filter((size) => named.includes(size))).toEqual([]);
  },
);
