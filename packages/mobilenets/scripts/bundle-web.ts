// Makes dist/web of dist: the library for pages. Bundlers that meet the modules one by one split them into two dozen
// files (each is shared by another set of lazily loaded ones), and every file is a request that stands before the first
// picture. Here all that `mobilenets` needs at once is one file, and the other doors import from it what they share.
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { transform } from "esbuild";
import { type GetModuleInfo, rollup } from "rollup";

const dist = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
// Rollup orders the core by the names of these files, and its size by the order: what is new has a name behind `index`.
const doors = [
  "index",
  "graph",
  "weights",
  "search",
  "train",
  "standalone",
  "worker",
  "platform/model-thread",
  "tfjs-models",
  "ml5",
  "teachablemachine",
] as const;
const core = dist("index.js");

/** What a module imports, and that imports, and so on, but for lazy imports. */
function closure(id: string, getModuleInfo: GetModuleInfo, found = new Set<string>()): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const next of getModuleInfo(id)?.importedIds ?? []) closure(next, getModuleInfo, found);
  return found;
}

let inCore: Set<string> | undefined;

const bundle = await rollup({
  // A worker's script lies beside the one that starts it.
  input: Object.fromEntries(doors.map((door) => [door.replace("platform/", ""), dist(`${door}.js`)])),
  plugins: [
    nodeResolve({ browser: true }),
    {
      name: "source maps of the compiler",
      async load(id) {
        const [code, map] = await Promise.all([readFile(id, "utf8"), readFile(`${id}.map`, "utf8").catch(() => null)]);
        return { code, map };
      },
    },
  ],
  // Optional peers stay outside: who wants them installs them.
  external: (id) => /^(onnxruntime|protobufjs|flatbuffers)/.test(id),
  // Lets the others import from index.js itself (by short names that its types do not show).
  preserveEntrySignatures: "allow-extension",
  treeshake: { moduleSideEffects: false },
});
await rm(dist("web"), { recursive: true, force: true });
await bundle.write({
  dir: dist("web"),
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "[name].js",
  sourcemap: true,
  manualChunks(id, { getModuleInfo }) {
    inCore ??= closure(core, getModuleInfo);
    return inCore.has(id) ? "index" : undefined;
  },
  plugins: [
    { name: "minify", renderChunk: (code) => transform(code, { minify: true, format: "esm", sourcemap: true }) },
  ],
});
await bundle.close();
