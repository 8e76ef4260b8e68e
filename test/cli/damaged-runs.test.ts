import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readSafetensors, writeSafetensors } from "mobilenets/weights";
import { temporaryFolder } from "./folder.ts";
import { writeMany } from "./pictures.ts";
import { mobilenets, outcome, start, tiny } from "./run.ts";
import { writeShapes } from "./shapes.ts";

// What a full disk, another program or a hand leaves behind is answered in words that say what to do, never by a stack.

const root = await temporaryFolder();
const data = join(root, "shapes");
await writeShapes(data, 4);
const run = join(root, "run");
const network = ["--network", "mobilenet_v1", "--alpha", "0.25", "--size", "32", "--workers", "0"];
const begun = await mobilenets(["train", data, ...network, "--epochs", "1", "--batch", "4", "--out", run]);
assert.equal(begun.code, 0, begun.stderr);

const photos = join(root, "photos");
await writeMany(photos, 4);
const store = join(root, "store");
assert.equal((await mobilenets(["extract", photos, "--out", store, ...tiny])).code, 0);

const texts = ["", "{", "[]", "null", "7", "{}", '{"fingerprints":null,"pictures":3}', "\u0000"];

for (const [file, resume] of [
  ["run.json", (out: string) => ["train", "--resume", "--out", out]],
  ["recipe.json", (out: string) => ["train", data, "--recipe", join(out, "recipe.json"), "--out", join(out, "new")]],
] as const) {
  test(`a damaged ${file} of training is named, with what to do`, async () => {
    for (const text of texts) {
      // A recipe without options is one.
      if (file === "recipe.json" && text === "{}") continue;
      const out = join(root, `damaged-${file}`);
      await cp(run, out, { recursive: true, force: true });
      await writeFile(join(out, file), text);
      const { code, stderr } = await mobilenets(resume(out));
      assert.equal(code, 2, `${JSON.stringify(text)}: ${stderr}`);
      assert.match(stderr, /^error: /);
      assert.doesNotMatch(stderr, /\n\s+at /, "a stack");
      assert.ok(stderr.includes(file) || stderr.includes("fingerprints"), stderr);
    }
  });
}

test("a damaged run.json of an extraction is named, and --overwrite mends it", async () => {
  for (const text of [...texts, '{"dim":0}', '{"dim":"8"}', '{"dim":-1}']) {
    await writeFile(join(store, "run.json"), text);
    const { code, stderr } = await mobilenets(["extract", photos, "--out", store, ...tiny]);
    assert.equal(code, 2, `${text}: ${stderr}`);
    assert.match(stderr, /^error: .*run\.json: .*--overwrite starts anew/m);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
  const { code, stderr } = await mobilenets(["extract", photos, "--out", store, "--overwrite", ...tiny]);
  assert.equal(code, 0, stderr);
});

test("a checkpoint whose account of training is damaged is named", async () => {
  const out = join(root, "checkpoint");
  await cp(run, out, { recursive: true });
  const path = join(out, "checkpoints", "last.safetensors");
  assert.ok(existsSync(path));
  const { tensors, metadata } = readSafetensors(await readFile(path));
  for (const progress of ["", "{", "null", "{}", '{"epoch":"x"}']) {
    await writeFile(path, writeSafetensors(tensors, { ...metadata, progress }));
    const { code, stderr } = await mobilenets(["train", "--resume", "--out", out]);
    assert.equal(code, 1, `${progress}: ${stderr}`);
    assert.match(stderr, /last\.safetensors: no valid progress: was it changed\? --overwrite/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test("a second training into a folder is refused while the first one runs", async () => {
  const out = join(root, "twice");
  const args = ["train", data, ...network, "--epochs", "5000", "--batch", "4", "--out", out];
  const first = start(args);
  const ended = outcome(first);
  while (!existsSync(join(out, "run.json"))) await sleep(20);
  for (const how of ["--overwrite", "--resume"]) {
    const { code, stderr } = await mobilenets([...(how === "--resume" ? ["train", "--out", out] : args), how]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`process ${first.pid}, mobilenets train, which writes to this folder`));
  }
  first.kill("SIGINT");
  assert.equal((await ended).code, 130);
  assert.ok(!existsSync(join(out, "run.lock")));
});

test("a full disk behind standard output is an error in one line", { skip: !existsSync("/dev/full") }, () => {
  const full = openSync("/dev/full", "w");
  const bin = join(import.meta.dirname, "../../packages/cli/bin/mobilenets.js");
  const stdio = ["ignore", full, "pipe"] as const;
  const { status, stderr } = spawnSync(process.execPath, [bin, "summary", "mobilenet_v2"], { stdio: [...stdio] });
  assert.equal(status, 1);
  assert.match(String(stderr), /^error: standard output: cannot be written \(ENOSPC.*\)\n$/);
});
