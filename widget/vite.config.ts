import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    lib: { entry: { core: "src/index.ts" }, formats: ["es"] },
    rolldownOptions: { output: { minify: true } },
  },
});
