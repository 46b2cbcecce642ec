import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

/** The whole widget has 32 KB gzip; this is the part of it that draws nothing. */
const BUDGET_BYTES = 9_000;

test("the visitor's core with a browser's ports stays within its part of the widget's size", async () => {
  const size = await gzipped(await bundle());
  expect(size).toBeLessThanOrEqual(BUDGET_BYTES);
});

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      lib: { entry: "tests/size/visitor.ts", formats: ["es"], fileName: "visitor" },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [output] = built as Rolldown.RolldownOutput[];
  const [chunk] = output?.output ?? [];
  if (chunk?.type !== "chunk") throw new Error("The build made no chunk.");
  return chunk.code;
}

async function gzipped(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}
