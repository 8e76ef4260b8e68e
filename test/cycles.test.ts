// No file of the library imports itself by way of others, types apart: what runs first would depend on who is imported first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { globSync } from "tinyglobby";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each source file imports when it is loaded; lazy imports come later, and types never. */
async function imports(): Promise<ReadonlyMap<string, readonly string[]>> {
  const entryPoints = globSync("packages/mobilenets/src/**/*.ts", {
    cwd: root,
    ignore: ["**/*.test.ts"],
    absolute: true,
  });
  const { metafile } = await build({
    entryPoints,
    absWorkingDir: root,
    outdir: "nowhere",
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    conditions: ["source"],
    external: ["onnxruntime-*", "protobufjs", "flatbuffers", "sharp", "@mobilenets/*"],
    metafile: true,
    logLevel: "error",
  });
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      file,
      imports.flatMap(({ path, kind, external }) => (kind === "import-statement" && !external ? [path] : [])),
    ]),
  );
}

/** Circles, each once: the files from one to itself. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(" -> "));
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

test("no circle of imports", async () => {
  const graph = await imports();
  assert.ok(graph.size > 200, `${graph.size} files`);
  assert.ok(graph.get("packages/mobilenets/src/load.ts")?.includes("packages/mobilenets/src/model.ts"));
  assert.deepEqual(circles(graph), []);
});

test("a circle is found, however long", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", []],
    ["d", ["a"]],
  ]);
  assert.deepEqual(circles(graph), ["a -> b -> d -> a"]);
});
