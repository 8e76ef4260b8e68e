// README's table, scripts and length. Its samples run in `npm run test:fresh`, from the tarballs: scripts/fresh/samples.ts.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Flavor, type NetworkName, networkNames } from "mobilenets";
import { buildGraph, summarise } from "mobilenets/graph";
import { globSync } from "tinyglobby";
import { embeddingGraph } from "../packages/mobilenets/src/embedding.ts";
import { samplesOf } from "../scripts/fresh/documents.ts";
import { documents } from "../scripts/fresh/samples.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");

test("README is short, and begins with a picture and the demo", () => {
  const lines = readme.split("\n");
  assert.ok(lines.length <= 250, `${lines.length} lines`);
  assert.match(lines.slice(0, 12).join("\n"), /docs\/demo\.jpg[\s\S]*npm ci && npm run demo/);
});

test("documents whose samples run have samples, each of which says what comes of it", async () => {
  const paths = globSync(documents, { cwd: root });
  for (const pattern of documents) assert.ok(globSync(pattern, { cwd: root }).length > 0, pattern);
  const kinds = new Set<string>();
  for (const path of paths) {
    const samples = samplesOf(path, await readFile(join(root, path), "utf8"));
    assert.ok(samples.length > 0, path);
    for (const { kind } of samples) kinds.add(kind);
  }
  assert.deepEqual([...kinds].sort(), ["command", "html", "module", "page", "program", "script", "server"]);
  const silent = "```ts\nconsole.log(1);\n```\n";
  assert.throws(() => samplesOf("silent.md", silent), /does not say what comes of it/);
});

test("README's scripts exist", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
  assert.ok(named.includes("demo"));
  for (const name of named) assert.ok(Object.hasOwn(scripts, name), `npm run ${name}`);
});

test("README's table of networks has the right numbers", () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (.*?) +\| +([\d,]+) \| +([\d.]+) M \| +([\d,]+) \|$/gm)];
  assert.deepEqual(new Set(rows.map(([, name]) => name)), new Set(networkNames));
  for (const [, name, flavors, params, macs, features] of rows) {
    for (const [, flavor] of flavors.matchAll(/`(\w+)`/g)) {
      const graph = buildGraph(name as NetworkName, { flavor: flavor as Flavor });
      const { totals } = summarise(graph);
      assert.equal(totals.params.toLocaleString("en-US"), params, `${name} ${flavor}`);
      assert.equal((totals.macs / 1e6).toFixed(1), macs, `${name} ${flavor}`);
      const { nodes, outputs } = embeddingGraph(graph);
      const embedding = nodes.find((node) => node.name === outputs[0]);
      assert.equal(embedding?.shape[1].toLocaleString("en-US"), features, `${name} ${flavor}`);
    }
  }
});
