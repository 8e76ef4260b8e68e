// `npm run bench:size`: measures a page's download to run a network, and fails above the limit; see README.md.
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { table } from "./report.ts";

/** Limit in bytes, minified and gzipped. */
const LIMIT = 60 * 1024;
/** Lazily imported chunks that every model loads: the kernel modules, of which a page takes one. */
const NEEDED = /web\/(simd|relaxed)\.js/;

const { metafile, outputFiles } = await build({
  stdin: {
    contents: 'export { load } from "mobilenets";',
    resolveDir: fileURLToPath(new URL(".", import.meta.url)),
  },
  outdir: "size",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  // Optional peers are external: users install them separately.
  external: ["onnxruntime-*", "protobufjs", "flatbuffers"],
  metafile: true,
  write: false,
  logLevel: "error",
});

/** The entry and all its static imports, with only the needed lazy imports. */
const core = new Set<string>();
function addToCore(path: string): void {
  if (core.has(path)) return;
  core.add(path);
  for (const { path: next, kind, external } of metafile.outputs[path].imports) {
    const lazy = kind === "dynamic-import";
    if (external && !lazy) throw new Error(`${path} needs the package ${next}, which is not measured`);
    if (!external && (!lazy || NEEDED.test(metafile.outputs[next].entryPoint ?? ""))) addToCore(next);
  }
}
for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (entryPoint === "<stdin>") addToCore(path);

/** A chunk's lazily imported source, or its largest source. */
function titleOf(path: string): string {
  const { entryPoint, inputs } = metafile.outputs[path];
  if (entryPoint === "<stdin>") return "entry: load()";
  const [largest] = Object.entries(inputs).sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
  const source = entryPoint ?? largest?.[0] ?? "the bundler's own";
  return source.replace("packages/mobilenets/dist/web/", "");
}

const contents = new Map(outputFiles.map((file) => [basename(file.path), file.contents]));
const chunks = Object.keys(metafile.outputs).map((path) => {
  const code = contents.get(basename(path)) as Uint8Array;
  return { path, minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
});
const sum = (key: "minified" | "gzip") =>
  chunks.reduce((total, chunk) => total + (core.has(chunk.path) ? chunk[key] : 0), 0);
const total = sum("gzip");
for (const isa of ["simd", "relaxed"]) {
  if (![...core].some((path) => metafile.outputs[path].entryPoint?.endsWith(`/${isa}.js`))) {
    throw new Error(`the kernels of ${isa} are not measured`);
  }
}
const rows = chunks
  .sort((a, b) => b.gzip - a.gzip)
  .map(({ path, minified, gzip }) => [
    titleOf(path),
    `${minified}`,
    `${gzip}`,
    core.has(path) ? "core" : "when needed",
  ]);
console.log(
  table(
    ["chunk", "minified, bytes", "gzip -9, bytes", ""],
    [...rows, ["**inference core**", `${sum("minified")}`, `${total}`, `limit ${LIMIT}`]],
  ),
);
if (total > LIMIT) {
  console.error(`\nthe inference core is ${total - LIMIT} bytes over its limit`);
  process.exitCode = 1;
}
