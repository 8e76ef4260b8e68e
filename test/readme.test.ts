import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Flavor, type NetworkName, networkNames } from "mobilenets";
import { buildGraph, summarise } from "mobilenets/graph";
import sharp from "sharp";
import { embeddingGraph } from "../packages/mobilenets/src/embedding.ts";
import { openPage } from "./browser/harness.ts";
import { checkBuild } from "./cli/check-build.ts";
import { writeShapes } from "./cli/shapes.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");
const snippets = blocks("ts").map((code, i) => ({ code, file: `snippet-${i + 1}.ts`, page: /^export /m.test(code) }));

/** A reader's project, with the files that README speaks of. */
let project: string;

before(async () => {
  checkBuild();
  project = await mkdtemp(join(tmpdir(), "mobilenets-readme-"));
  await symlink(join(root, "node_modules"), join(project, "node_modules"));
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  for (const { code, file } of snippets) await writeFile(join(project, file), code);
  await mkdir(join(project, "photos"));
  const photo = sharp({ create: { width: 64, height: 48, channels: 3, background: "teal" } });
  for (const name of ["photo.jpg", "another.png", "photos/1.webp"]) await photo.clone().toFile(join(project, name));
  await writeShapes(join(project, "products"), 24);
});
after(() => rm(project, { recursive: true }));

test("README's code is well typed", async () => {
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { noEmit: true, declaration: false, sourceMap: false, inlineSources: false },
    include: ["*.ts"],
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify(config));
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project]).catch((error) => {
    assert.fail(error.stdout);
  });
  assert.ok(snippets.length >= 3);
});

for (const { code, file } of snippets.filter((snippet) => !snippet.page)) {
  test(`README's code prints what it says: ${file}`, async () => {
    const { stdout } = await run(process.execPath, ["--import", "tsx", file], { cwd: project });
    const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
    assert.ok(promised.length > 0);
    const printed = stdout.split("\n");
    for (const line of promised) assert.ok(printed.includes(line), `${line} is not in ${stdout}`);
  });
}

test("README's code for the browser runs there", async () => {
  const [{ file }, ...others] = snippets.filter(({ page }) => page);
  assert.equal(others.length, 0);
  const served = ["model.safetensors", "photo.jpg"];
  const files = await Promise.all(
    served.map(async (name) => [`/${name}`, await readFile(join(project, name))] as const),
  );
  const page = await openPage<{ describe(picture: string): Promise<string> }>(
    new URL(`file://${join(project, file)}`),
    Object.fromEntries(files),
  );
  try {
    assert.match(await page.call("describe", "/photo.jpg"), /^[a-z-]+, \d+ %$/);
  } finally {
    await page.close();
  }
});

test("README's commands run", async () => {
  const commands = blocks("sh").flatMap((block) => block.match(/^npx mobilenets .*$/gm) ?? []);
  assert.ok(commands.length >= 4);
  const env = { ...process.env, XDG_CACHE_HOME: join(project, "cache") };
  for (const command of commands) {
    const args = [join(root, "packages/cli/bin/mobilenets.js"), ...command.split(" ").slice(2)];
    const { stdout } = await run(process.execPath, args, { cwd: project, env });
    assert.notEqual(stdout, "", command);
  }
  assert.deepEqual((await readdir(join(project, "features"))).sort(), ["features.npy", "items.jsonl", "run.json"]);
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

/** The contents of README's code blocks of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, is]) => is === language).map(([, , code]) => code);
}
