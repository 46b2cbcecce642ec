import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const KILOBYTE = 1024;

it.each([
  ["widget.js", 32 * KILOBYTE],
  ["stub.js", 1 * KILOBYTE],
])("%s is at most %i bytes, gzipped", (name, limit) => {
  const path = `${import.meta.dirname}/../dist/${name}`;
  if (!existsSync(path)) throw new Error("Build it first: npm run build");
  expect(gzipSync(readFileSync(path)).length).toBeLessThanOrEqual(limit);
});
