import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const KILOBYTE = 1024;
const DIST = `${import.meta.dirname}/../dist`;

function built(name: string): string {
  try {
    return readFileSync(`${DIST}/${name}`, "utf8");
  } catch {
    throw new Error("Build it first: npm run build");
  }
}

/** By the tool: Node's own compression is another one, and finds some bytes less to save. */
function gzipped(text: string): number {
  return execFileSync("gzip", ["-9", "-c"], { input: text }).length;
}

/** The address that the launcher loads the chat from, and what that needs before anything of it runs. */
function chatFiles(): readonly string[] {
  const [chat = ""] = built("widget.js").match(/chat\/chat-[\w-]+\.js/) ?? [];
  const imported = [...built(chat).matchAll(/(?:from|^import)\s*"\.\/([\w-]+\.js)"/g)].map(
    ([, name]) => `chat/${name}`,
  );
  return [chat, ...imported];
}

it.each([
  ["widget.js", 5 * KILOBYTE],
  ["stub.js", 1 * KILOBYTE],
])("%s is at most %i bytes, gzipped", (name, limit) => {
  expect(gzipped(built(name))).toBeLessThanOrEqual(limit);
});

it("a first conversation in English takes 32 KB at most, gzipped", () => {
  const sizes = ["widget.js", ...chatFiles()].map((name) => gzipped(built(name)));
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(32 * KILOBYTE);
});

it("a page that pins one version loads 42 KB at most, gzipped, and nothing else", () => {
  const { path } = JSON.parse(built("pinned.json"));
  expect(gzipped(built(path))).toBeLessThanOrEqual(42 * KILOBYTE);
  expect(built(path)).not.toContain("import(");
});

it("everything that is kept for good has its contents' hash in its name", () => {
  expect(readdirSync(`${DIST}/chat`).filter((name) => !/^[\w-]+-[\w-]{8}\.js$/.test(name))).toEqual([]);
});
