import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const SOURCES = `${import.meta.dirname}/../src`;
const SHEETS = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css"));

/** A value without the declarations of custom properties, which is where colours are given their names. */
function withoutTokens(css: string): string {
  return css.replace(/\/\*.*?\*\//gs, "").replace(/--[\w-]+:[^;]*;/g, "");
}

it.each(SHEETS)("%s names its colours", (name) => {
  const found = withoutTokens(readFileSync(`${SOURCES}/${name}`, "utf8")).match(/#[\da-f]{3,8}\b/gi);
  expect(found ?? []).toEqual([]);
});
