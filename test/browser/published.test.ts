import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "mobilenets";
import { buildGraph, initialise } from "mobilenets/graph";
import { writeModelFile } from "mobilenets/weights";
import { optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { openPage } from "./harness.ts";

const web = new URL("../../packages/mobilenets/dist/web/", import.meta.url);
const files: Record<string, Uint8Array> = {};
for (const name of await readdir(fileURLToPath(web))) {
  if (name.endsWith(".js")) files[`/mobilenets/${name}`] = await readFile(new URL(name, web));
}
const entry = new URL("./published.page.ts", import.meta.url);
const page = await openPage<typeof import("./published.page.ts")>(entry, files);
after(() => page.close());

const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4 } as const;
const graph = buildGraph("mobilenet_v2", options);
const preprocessing = preprocessingOf(optionsOf("mobilenet_v2", options));
const program = { graph, weights: initialise(graph) };
const bytes = writeModelFile({
  program,
  network: "mobilenet_v2",
  options,
  preprocessing,
  labels: ["a", "b", "c", "d"],
});
const input = Float32Array.from({ length: 32 * 32 * 3 }, (_, i) => Math.sin(i));

test("pages run the published files without a bundler: two requests before the first result", async () => {
  const model = await load(bytes, { engine: "reference" });
  const { data: expected } = await model.predict({ data: input, shape: [1, 32, 32, 3] });
  const result = await page.call("predicted", bytes, input, 1);
  result.forEach((p, i) => void assert.ok(Math.abs(p - expected[i]) < 1e-5, `${p} ${expected[i]}`));
  const modules = await page.call("fetched");
  assert.match(modules.join(" "), /^\/mobilenets\/index\.js \/mobilenets\/relaxed\.js$/);
});

test("with threads too", async () => {
  assert.deepEqual(await page.call("predicted", bytes, input, 2), await page.call("predicted", bytes, input, 1));
});
