// Makes dist/web of dist: the library for pages, in one file and those that are loaded when needed. Bundlers that meet
// the modules one by one split them into two dozen files (each is shared by another set of lazily loaded ones), and every
// file is a request that stands before the first picture.
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { transform } from "esbuild";
import { rollup } from "rollup";

const dist = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

const bundle = await rollup({
  input: dist("index.js"),
  plugins: [nodeResolve({ browser: true })],
  // Optional peers stay outside: who wants them installs them.
  external: (id) => /^(onnxruntime|protobufjs|flatbuffers)/.test(id),
  // Lets the lazily loaded ones import from index.js itself (by short names that its types do not show); a file of its
  // own for what they share would be one more request before the first picture.
  preserveEntrySignatures: "allow-extension",
  treeshake: { moduleSideEffects: false },
});
await rm(dist("web"), { recursive: true, force: true });
await bundle.write({
  dir: dist("web"),
  format: "esm",
  entryFileNames: "index.js",
  chunkFileNames: "[name].js",
  sourcemap: true,
  plugins: [
    { name: "minify", renderChunk: (code) => transform(code, { minify: true, format: "esm", sourcemap: true }) },
  ],
});
await bundle.close();
