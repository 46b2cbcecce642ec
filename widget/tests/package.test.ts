import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const WIDGET = join(import.meta.dirname, "..");
const USED = `import { type BootOptions, loadSellerChat, type WidgetEvents } from "seller-chat";
const options: BootOptions = {
  sellerId: "1", apiUrl: "wss://API/STAGE", pages: "all", team: { members: [{ name: "Grace" }], awayUntil: "At 9." },
};
const chat = loadSellerChat("https://HOST/widget.js");
chat("boot", options);
const stop: () => void = chat("on", "message", ({ contactId, by }) => console.log(contactId.length, by === "seller"));
chat("identify", { plan: "gold" });
const ended: WidgetEvents["ended"] = { contactId: "c1" };
export { ended, stop };
`;
let shop: string;

beforeAll(() => {
  shop = mkdtempSync(join(tmpdir(), "shop-"));
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", shop], { cwd: `${WIDGET}/dist/npm` });
  const target = join(shop, "node_modules", "seller-chat");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", join(shop, packed.toString().trim()), "-C", target, "--strip-components", "1"]);
  writeFileSync(join(shop, "package.json"), '{"type": "module"}');
});

afterAll(() => rmSync(shop, { recursive: true }));

function compile(source: string, resolution: string): string {
  writeFileSync(join(shop, "chat.ts"), source);
  const flags = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
  const modules = ["--module", resolution === "bundler" ? "esnext" : resolution, "--moduleResolution", resolution];
  try {
    execFileSync(`${WIDGET}/node_modules/.bin/tsc`, [...flags, ...modules, "chat.ts"], { cwd: shop });
    return "";
  } catch (error) {
    return String((error as { readonly stdout: Buffer }).stdout);
  }
}

it.each(["bundler", "nodenext"])("a shop's code compiles against the packed package: %s", (resolution) => {
  expect(compile(USED, resolution)).toBe("");
});

it.each([
  '"boot", { ...options, theme: "pink" }',
  '"boot", { sellerId: "1" }',
  '"bot", options',
  '"on", "mesage", () => {}',
])("what is wrong in a call does not compile: %s", (call) => {
  expect(compile(USED.replace('"boot", options', call), "bundler")).toMatch(/^chat\.ts\(6,.*error TS/);
});
