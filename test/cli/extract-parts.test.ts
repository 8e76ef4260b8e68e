import assert from "node:assert/strict";
import { copyFile, cp, mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";
import { partFiles, vectorsOf } from "./parts.ts";
import { writeDifficult, writeMany } from "./pictures.ts";
import { mobilenets, outcome, start, tiny } from "./run.ts";

const root = await temporaryFolder();
const photos = join(root, "photos");
await writeMany(photos, 60);
const out = (name: string) => join(root, name);
const parts = ["--format", "parquet", "--chunk-size", "10", "--quiet", ...tiny];
const extract = (inputs: readonly string[], dir: string, ...more: string[]) =>
  mobilenets(["extract", ...inputs, "--out", dir, ...parts, ...more]);

const whole = await extract([photos], out("whole"), "--json");
const wholeParts = await partFiles(out("whole"));
const { seconds: _seconds, memoryMb, ...summary } = JSON.parse(whole.stdout);
const names = Object.keys(wholeParts);

test("the same rows as features.npy, in parts", async () => {
  assert.equal(whole.code, 0, whole.stderr);
  const expected = { out: out("whole"), format: "parquet", parts: names.length, rows: 54, failed: 6 };
  assert.deepEqual(summary, { ...expected, computed: 60, dim: 256 });
  assert.ok(memoryMb > 10);
  assert.ok(names.length >= 6 && names.length <= 30, names.join());
  await mobilenets(["extract", photos, "--out", out("npy"), "--quiet", ...tiny]);
  assert.deepEqual(await vectorsOf(out("whole")), await vectorsOf(out("npy")));
  assert.deepEqual(await readdir(out("whole")), ["parts", "run.json", "seen"]);
  const similar = await mobilenets(["similar", out("whole"), "--top", "1", "--json", "--quiet"]);
  assert.equal(similar.stdout.trim().split("\n").length, 54, similar.stderr);
});

test("a second run finds all done and touches nothing", async () => {
  const part = join(out("whole"), "parts", names[0]);
  const before = await stat(part);
  const { code, stderr, stdout } = await extract([photos], out("whole"), "--json");
  assert.equal(code, 0);
  assert.match(stderr, /already finished: nothing to do/);
  assert.equal(JSON.parse(stdout).computed, 0);
  assert.equal((await stat(part)).ino, before.ino);
});

test("shares together are the whole, whatever the threads and batches", async () => {
  for (const more of [["1/2", "--threads", "1", "--batch-size", "3"], ["2/2"]]) {
    assert.equal((await extract([photos], out("shards"), "--shard", ...more)).code, 0);
  }
  assert.deepEqual(await partFiles(out("shards")), wholeParts);
});

test("a part that is lost or damaged is made anew, without what is known of the pictures too", async () => {
  const dir = out("damaged");
  await cp(out("whole"), dir, { recursive: true });
  await rm(join(dir, "parts", names[1]));
  await writeFile(join(dir, "parts", names[2]), "PAR1 rubbish");
  await rm(join(dir, "seen"), { recursive: true });
  const { code, stderr, stdout } = await extract([photos], dir, "--json");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /warning: .*no whole Parquet file.*made anew/);
  assert.deepEqual(await partFiles(dir), wholeParts);
  assert.ok(JSON.parse(stdout).rows === 54);
});

test("changed pictures are computed again, touched ones are not, new ones taken in, vanished ones kept until pruned", async () => {
  const mine = out("changing");
  const dir = out("changing-store");
  await mkdir(mine);
  const files = (await readdir(photos)).sort();
  for (const file of files) await copyFile(join(photos, file), join(mine, file));
  await extract([mine], dir);
  const first = await partFiles(dir);

  await copyFile(join(photos, files[3]), join(mine, files[0]));
  await utimes(join(mine, files[1]), 1000, 1000);
  await copyFile(join(photos, files[5]), join(mine, "00030b.png"));
  await rm(join(mine, files[10]));
  const more = await extract([mine], dir);
  assert.equal(more.code, 0, more.stderr);
  assert.match(more.stderr, /1 pictures of earlier runs are not among the inputs: kept; --prune removes them/);
  const grown = await vectorsOf(dir);
  assert.equal(Object.keys(grown).length, 55);
  assert.deepEqual(grown[join(mine, files[0])], grown[join(mine, files[3])]);
  assert.deepEqual(grown[join(mine, "00030b.png")], grown[join(mine, files[5])]);
  assert.ok(join(mine, files[10]) in grown);
  const second = await partFiles(dir);
  assert.ok(
    Object.keys(second).filter((name) => second[name] !== first[name]).length <= 5,
    "most parts stay as they are",
  );

  await extract([mine], dir, "--prune");
  const pruned = await vectorsOf(dir);
  assert.ok(!(join(mine, files[10]) in pruned));
  await extract([mine], out("changing-anew"));
  assert.deepEqual(await partFiles(dir), await partFiles(out("changing-anew")));
});

test("--prune says what it removes, and refuses an argument without pictures", async () => {
  const [first, second] = [out("disk-a"), out("disk-b")];
  await writeMany(first, 3);
  await writeMany(second, 3);
  const store = out("disks");
  assert.equal((await extract([first, second], store)).code, 0);
  const before = await partFiles(store);
  await rm(second, { recursive: true });
  for (const make of [async () => {}, () => mkdir(second)]) {
    await make();
    const refused = await extract([first, second], store, "--prune");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--prune: no pictures in .*disk-b, expected pictures in each argument: is its disk/);
    assert.deepEqual(await partFiles(store), before);
  }
  const pruned = await extract([first], store, "--prune", "--json");
  assert.match(pruned.stderr, /3 pictures of earlier runs are not among the inputs: --prune removes their rows/);
  assert.equal(JSON.parse(pruned.stdout).pruned, 3);
  assert.equal(JSON.parse(pruned.stdout).computed, 0, "rows that are kept are not computed");
});

test("a hundred unreadable pictures in a row stop a run, unless they failed before or --keep-going says so", async () => {
  const list = out("gone.csv");
  const paths = ["photos/00001.png", ...Array.from({ length: 150 }, (_, i) => `photos/gone-${i}.png`)];
  await writeFile(list, ["path", ...paths].join("\n"));
  const run = (...more: string[]) => extract([list], out("gone"), "--chunk-size", "1000", "--json", ...more);
  const stopped = await run();
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /100 pictures in a row .*`extract --keep-going` takes them for errors/);
  for (const option of ["--keep-going", "--retry-failed"]) {
    const { code, stdout, stderr } = await run(option);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).failed, 150);
    assert.match(stderr, /150 of 151 pictures failed: .*; the first: .*gone-0\.png: no such file/);
  }
});

test("forget deletes rows for good, --lift lets them in again", async () => {
  const dir = out("forget");
  await cp(out("whole"), dir, { recursive: true });
  const [one, two] = [join(photos, "00004.png"), join(photos, "00030.png")];
  const { code, stdout, stderr } = await mobilenets(["forget", dir, one, two, "nobody.jpg", "--json"]);
  assert.equal(code, 1);
  assert.match(stderr, /error: nobody\.jpg: no row of this id or path/);
  assert.deepEqual(JSON.parse(stdout), { ids: [one, two], missing: ["nobody.jpg"] });
  const rest = await vectorsOf(dir);
  assert.equal(Object.keys(rest).length, 52);
  const again = await extract([photos], dir);
  assert.match(again.stderr, /2 of the pictures are left out: `forget` took them out/);
  assert.deepEqual(await vectorsOf(dir), rest);
  const lifted = await mobilenets(["forget", dir, one, two, "--lift"]);
  assert.deepEqual([lifted.code, lifted.stdout], [0, "2 of 2 were forgotten\n"]);
  await extract([photos], dir);
  assert.deepEqual(await partFiles(dir), wholeParts);
});

test("forget takes a list on standard input", async () => {
  const dir = out("listed");
  await cp(out("whole"), dir, { recursive: true });
  const before = Object.keys(await vectorsOf(dir));
  const child = start(["forget", dir, "-", "--json"], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin!.end(`${before[3]}\r\n${before[7]}\nnowhere.png\n`);
  const { code, stdout } = await outcome(child);
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(stdout), { ids: [before[3], before[7]], missing: ["nowhere.png"] });
  assert.equal(Object.keys(await vectorsOf(dir)).length, before.length - 2);
});

test("parts of another model, of a lost run.json or copied from elsewhere, are not taken over", async () => {
  const few = out("few");
  await writeMany(few, 3);
  const [mine, other] = [out("mine"), out("other")];
  assert.equal((await extract([few], mine)).code, 0);
  assert.equal((await extract([few], other, "--seed", "5")).code, 0);
  const before = await partFiles(mine);
  await rm(join(mine, "run.json"));
  for (const more of [["--seed", "5"], ["--full-decode"]]) {
    const lost = await extract([few], mine, ...more);
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /parts\/[0-9a-f]+\.parquet: rows of another model, or of other settings, expected those/);
    assert.deepEqual(await partFiles(mine), before);
  }
  assert.match((await extract([few], mine)).stderr, /already finished/);
  await cp(join(other, "parts"), join(mine, "parts"), { recursive: true });
  assert.match((await extract([few], mine, "--prune")).stderr, /rows of another model/);
});

test("labels, float16, and what cannot be mixed", async () => {
  const dir = out("labels");
  await writeDifficult(out("difficult"));
  const labelled = ["--top-k", "2", "--dtype", "float16"];
  const { code, stderr } = await extract([out("difficult")], dir, ...labelled);
  assert.equal(code, 0, stderr);
  const full = await vectorsOf(await npyOf(out("difficult")));
  for (const [id, vector] of Object.entries(await vectorsOf(dir))) {
    for (const [i, x] of vector.entries()) assert.ok(Math.abs(x - full[id][i]) <= Math.abs(x) * 2 ** -11 + 2 ** -25);
  }
  for (const [change, message] of [
    [[...labelled, "--full-decode"], /parts\.decode "reduced", expected "full"/],
    [[...labelled, "--format", "npy"], /--dtype: a run that writes features\.npy, expected --format parquet/],
  ] as const) {
    const refused = await extract([out("difficult")], dir, ...change);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, message);
  }
});

async function npyOf(folder: string): Promise<string> {
  await mobilenets(["extract", folder, "--out", `${folder}-npy`, "--quiet", ...tiny]);
  return `${folder}-npy`;
}

test("two processes on one folder share the work; one with other pictures waits", async () => {
  const dir = out("shared");
  const args = (input: string) => ["extract", input, "--out", dir, ...parts, "--threads", "1"];
  const both = await Promise.all([mobilenets(args(photos)), mobilenets(args(photos))]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
    both.map(({ stderr }) => stderr).join(),
  );
  assert.deepEqual(await partFiles(dir), wholeParts);

  const half = join(photos, "0000*.png");
  const waiting = out("waiting");
  const first = start(["extract", photos, "--out", waiting, ...parts, "--threads", "1"]);
  const ended = outcome(first);
  while ((await readdir(join(waiting, "parts")).catch(() => [])).length === 0) await sleep(5);
  const second = await mobilenets(["extract", half, "--out", waiting, ...parts]);
  assert.equal((await ended).code, 0);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(await partFiles(waiting), wholeParts);
});

test("killed at random moments, and stopped by Ctrl-C, it ends in the very bytes of a run left alone", async () => {
  const dir = out("killed");
  for (const signal of ["SIGKILL", "SIGINT", "SIGKILL"] as const) {
    const child = start(["extract", photos, "--out", dir, ...parts, "--batch-size", "1", "--threads", "1"]);
    const ended = outcome(child);
    const before = (await readdir(join(dir, "parts")).catch(() => [])).length;
    const isDone = () => child.exitCode !== null || child.signalCode !== null;
    while (!isDone() && (await readdir(join(dir, "parts")).catch(() => [])).length <= before) await sleep(2);
    await sleep(Math.random() * 30);
    child.kill(signal);
    const { code, stderr } = await ended;
    if (signal === "SIGINT" && code !== 0) {
      assert.equal(code, 130, stderr);
      assert.match(stderr, /interrupted: \d+ of 60 pictures were seen; whole parts are kept/);
    }
    for (const name of (await readdir(join(dir, "parts"))).filter((file) => file.endsWith(".parquet"))) {
      assert.ok(name in wholeParts);
    }
  }
  const last = await extract([photos], dir);
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(await partFiles(dir), wholeParts);
  assert.deepEqual(await readdir(dir), ["parts", "run.json", "seen"]);
});
