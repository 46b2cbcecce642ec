import { readdirSync } from "node:fs";
import { defineConfig, type UserConfig } from "vite";

/** `light-dark()`, `dvh`, constructable style sheets and `findLast` are in all of these. */
const BROWSERS = ["chrome123", "firefox120", "safari17.5"];

/**
 * The unsafe ones assume that nobody has changed the built-ins, looks at a function's source, calls an arrow with `new` or
 * compares what is no number by its size. Two passes make smaller scripts than three.
 * The browser tests run what they make.
 */
const COMPRESS = {
  passes: 2,
  inline: 1,
  pure_getters: true,
  unsafe: true,
  unsafe_arrows: true,
  unsafe_comps: true,
  unsafe_methods: true,
};

function script(name: string, entry: string, format: "es" | "iife"): UserConfig {
  return {
    build: {
      target: BROWSERS,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry: { [name]: entry }, formats: [format], name: "SellerChatScript", fileName: () => `${name}.js` },
      minify: "terser",
      terserOptions: { ecma: 2020, compress: COMPRESS, mangle: { toplevel: true } },
    },
  };
}

/** The widget has English built in and loads any other language from here. */
const TRANSLATIONS = readdirSync(`${import.meta.dirname}/src/strings`).filter(
  (name) => name.endsWith(".json") && name !== "en.json",
);

const strings: UserConfig = {
  build: {
    target: BROWSERS,
    outDir: "dist/strings",
    copyPublicDir: false,
    lib: {
      entry: Object.fromEntries(TRANSLATIONS.map((name) => [name.replace(".json", ""), `src/strings/${name}`])),
      formats: ["es"],
      fileName: (_format, name) => `${name}.js`,
    },
  },
};

/** One build for each `vite build --mode NAME`; package.json runs them all. */
const BUILDS: Readonly<Record<string, UserConfig>> = {
  core: script("core", "src/index.ts", "es"),
  widget: script("widget", "src/widget/index.ts", "iife"),
  strings,
  stub: script("stub", "src/widget/stub.ts", "iife"),
  console: {
    root: "src/console",
    base: "./",
    build: {
      target: BROWSERS,
      outDir: "../../dist",
      emptyOutDir: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: "src/console/console.html",
        output: {
          entryFileNames: "console.js",
          chunkFileNames: "console-[name].js",
          assetFileNames: "console[extname]",
        },
      },
    },
  },
};

// Preact's `h` itself, without the JSX runtime around it: 200 bytes less.
const preact: UserConfig = {
  oxc: {
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment", development: false },
    jsxInject: 'import { Fragment, h } from "preact";',
  },
};
const WITHOUT_JSX = ["core", "stub", "strings"];

export default defineConfig(({ mode }) => ({ ...(WITHOUT_JSX.includes(mode) ? {} : preact), ...BUILDS[mode] }));
