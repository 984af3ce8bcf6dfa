import { defineConfig } from "vite";

// The page is served at …/graphiql and its files below it, under whatever prefix a proxy gives the hub: so addresses
// are relative, and the folder of assets has the name of the page.
export default defineConfig({
  base: "./",
  logLevel: "error",
  build: { outDir: "dist", assetsDir: "graphiql", target: "es2022", chunkSizeWarningLimit: 4000, assetsInlineLimit: 0 },
});
