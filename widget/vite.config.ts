import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type MinifyOptions, minify } from "terser";
import { defineConfig, type UserConfig } from "vite";

/** `light-dark()`, `dvh`, constructable style sheets and `findLast` are in all of these. */
const BROWSERS = ["chrome123", "firefox120", "safari17.5"];

const NPM = `${import.meta.dirname}/dist/npm`;

/**
 * The unsafe ones assume that nobody has changed the built-ins, looks at a function's source, calls an arrow with `new` or
 * compares what is no number by its size. Four passes make smaller scripts than three.
 * The browser tests run what they make.
 */
const COMPRESS = {
  passes: 4,
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
      terserOptions: { ecma: 2020, safari10: false, compress: COMPRESS, mangle: { toplevel: true } },
    },
  };
}

/**
 * Twice: what is joined the first time is named the second, and shorter by 140 bytes gzipped. Vite would have the names allow for
 * a fault of Safari 10.
 */
const CHAT_TERSER: MinifyOptions = { ecma: 2020, module: true, safari10: false, compress: COMPRESS };

/**
 * What the launcher loads: the chat, and each translation in a file of its own. Their names say what is in them, so that
 * browsers keep them for good.
 */
const chat: UserConfig = {
  plugins: [
    {
      name: "minify before Vite does",
      // While somebody works on it, what they save is there at once and larger.
      apply: () => process.env.QUICK === undefined,
      renderChunk: async (code) => {
        // Vite has annotations kept for who builds with a library; whoever loads this one only pays for them.
        const bare = code.replaceAll("/* @__PURE__ */", "");
        const { code: minified } = await minify(bare, { ...CHAT_TERSER, mangle: false });
        return minified ?? null;
      },
    },
  ],
  build: {
    target: BROWSERS,
    outDir: "dist/chat",
    copyPublicDir: false,
    // As a library, because a page's own scripts would get a helper that preloads what they import.
    lib: { entry: { chat: "src/widget/chat.ts" }, formats: ["es"] },
    minify: "terser",
    terserOptions: CHAT_TERSER,
    rolldownOptions: {
      // Its import is in every file (see `preact` below), needed or not.
      treeshake: { moduleSideEffects: (id) => !id.includes("/preact/") },
      // What is loaded later takes what it needs from the chat itself: one file less at first.
      preserveEntrySignatures: "allow-extension",
      output: { entryFileNames: "[name]-[hash].js", chunkFileNames: "[name]-[hash].js" },
    },
  },
};

/** Where the launcher finds the chat; built before it. */
function chatFile(): string {
  const [file, ...others] = readdirSync(`${import.meta.dirname}/dist/chat`).filter((name) => name.startsWith("chat-"));
  if (!file || others.length > 0) throw new Error("Build the chat first: npm run build");
  return `chat/${file}`;
}

/**
 * The whole widget in one file at an address of its own, which never changes: whoever pins it by its hash runs nothing else.
 * `pinned.json` says where it is and what its hash is.
 */
const pinned: UserConfig = {
  ...script("pinned", "src/widget/index.ts", "iife"),
  define: { WHOLE: "true", CHAT_FILE: '""' },
  plugins: [
    {
      name: "pin",
      generateBundle: (_, bundle) => {
        const [file, ...others] = Object.values(bundle);
        if (file?.type !== "chunk" || others.length > 0) throw new Error("The pinned widget is one file");
        const digest = createHash("sha384").update(file.code).digest();
        file.fileName = `v/${digest.toString("hex").slice(0, 16)}/widget.js`;
        const pin = { path: file.fileName, integrity: `sha384-${digest.toString("base64")}` };
        writeFileSync(`${import.meta.dirname}/dist/pinned.json`, `${JSON.stringify(pin)}\n`);
      },
    },
  ],
};

/** What a shop's own build imports: the types, and what puts the widget on the page. `npm publish dist/npm` would publish it. */
const npm: UserConfig = {
  ...script("index", "src/package/index.ts", "es"),
  plugins: [
    {
      name: "npm",
      writeBundle: () => {
        const { version, license } = JSON.parse(readFileSync(`${import.meta.dirname}/package.json`, "utf8"));
        const entry = { types: "./types/package/index.d.ts", default: "./index.js" };
        const about = {
          name: "seller-chat",
          version,
          license,
          description: "Types of Seller Chat's widget, and a function that puts it on a page.",
          type: "module",
          sideEffects: false,
          types: "./types/package/index.d.ts",
          exports: { ".": entry },
          files: ["index.js", "types"],
        };
        writeFileSync(`${NPM}/package.json`, `${JSON.stringify(about, null, 2)}\n`);
        // Node's own resolution knows no file without its ending.
        for (const each of readdirSync(`${NPM}/types`, { recursive: true, encoding: "utf8" })) {
          if (!each.endsWith(".d.ts")) continue;
          const text = readFileSync(`${NPM}/types/${each}`, "utf8");
          writeFileSync(`${NPM}/types/${each}`, text.replace(/(from\s+"\.[^"]+)"/g, '$1.js"'));
        }
      },
    },
  ],
};
npm.build = { ...npm.build, outDir: "dist/npm" };

/** One build for each `vite build --mode NAME`; package.json runs them all. */
const BUILDS: Readonly<Record<string, () => UserConfig>> = {
  core: () => script("core", "src/index.ts", "es"),
  chat: () => chat,
  widget: () => ({
    ...script("widget", "src/widget/index.ts", "iife"),
    define: { WHOLE: "false", CHAT_FILE: JSON.stringify(chatFile()) },
  }),
  pinned: () => pinned,
  npm: () => npm,
  stub: () => script("stub", "src/widget/stub.ts", "iife"),
  console: () => ({
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
  }),
};

// Preact's `h` itself, without the JSX runtime around it: 200 bytes less.
const preact: UserConfig = {
  oxc: {
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment", development: false },
    jsxInject: 'import { Fragment, h } from "preact";',
  },
};
const WITHOUT_JSX = ["core", "stub", "widget", "npm"];

export default defineConfig(({ mode }) => ({ ...(WITHOUT_JSX.includes(mode) ? {} : preact), ...BUILDS[mode]?.() }));
