import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";
import { partFiles, vectorsOf } from "./parts.ts";
import { writeMany } from "./pictures.ts";
import { TestRedis } from "./redis.ts";
import { jsonLines, mobilenets, outcome, start, tiny } from "./run.ts";

const redis = await TestRedis.start();
const root = await temporaryFolder();
const out = (name: string) => join(root, name);
const photos = out("photos");
await writeMany(photos, 300);
const model = ["--chunk-size", "20", ...tiny];
const at = ["--redis", redis.url];
const add = (dir: string, queue: string, ...more: string[]) =>
  mobilenets(["queue", "add", photos, "--out", dir, ...at, "--queue", queue, "--json", ...model, ...more]);
const worker = (queue: string, ...more: string[]) =>
  start(["worker", ...at, "--queue", queue, "--threads", "1", "--stalled-after", "1", "--max-stalled", "100", ...more]);
const status = async (queue: string) => {
  const { stdout, stderr } = await mobilenets(["queue", "status", ...at, "--queue", queue, "--json"]);
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
};

const whole = await mobilenets(["extract", photos, "--out", out("whole"), "--format", "parquet", "--quiet", ...model]);
assert.equal(whole.code, 0, whole.stderr);
const wholeParts = await partFiles(out("whole"));
const count = Object.keys(wholeParts).length;

test("two workers, one killed over and over, Redis restarted in the middle: the very bytes of extract", async () => {
  const dir = out("killed");
  const added = await add(dir, "killed");
  assert.equal(added.code, 0, added.stderr);
  assert.equal(JSON.parse(added.stdout).added, count);
  const again = JSON.parse((await add(dir, "killed")).stdout);
  assert.equal(again.added + again.queued + again.there, count);
  assert.equal(again.added, 0, "added twice, it is there once");

  const steady = worker("killed", "--once", "--quiet");
  const steadyEnd = outcome(steady);
  const partsOf = async () => (await readdir(join(dir, "parts"))).filter((name) => name.endsWith(".parquet")).length;
  let kills = 0;
  let restarted = false;
  while (steady.exitCode === null && steady.signalCode === null) {
    const victim = worker("killed", "--once", "--quiet", "--batch-size", "1");
    const end = once(victim, "exit");
    await Promise.race([end, sleep(500 + 300 * (kills % 3))]);
    victim.kill("SIGKILL");
    await end;
    kills++;
    if (!restarted && (await partsOf()) > 2) {
      restarted = true;
      await redis.stop();
      await redis.start();
    }
  }
  const { code, stderr } = await steadyEnd;
  assert.equal(code, 0, stderr);
  assert.ok(kills >= 2 && restarted, `${kills} kills`);
  // It takes away what those that were killed have left unfinished.
  assert.equal(JSON.parse((await add(dir, "killed")).stdout).there, count);
  assert.deepEqual(await partFiles(dir), wholeParts);
  assert.equal(Object.keys(await vectorsOf(dir)).length, 270);
  const { parts, done, waiting, active, dead, rate, eta } = await status("killed");
  assert.deepEqual(
    { parts, done, waiting, active, dead, eta },
    { parts: count, done: count, waiting: 0, active: 0, dead: 0, eta: 0 },
  );
  assert.ok(rate > 0);
});

test("SIGTERM finishes the chunk, or gives it back; a loss of all of Redis costs nothing but adding again", async () => {
  const dir = out("lost");
  await add(dir, "lost");
  for (const grace of ["25", "0"]) {
    const child = worker("lost", "--grace", grace);
    const ended = outcome(child);
    const before = (await readdir(join(dir, "parts"))).length;
    while ((await readdir(join(dir, "parts"))).length <= before) await sleep(5);
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    const { active, waiting, done } = await status("lost");
    assert.deepEqual([active, waiting + done], [0, count]);
  }
  await redis.stop("SIGKILL");
  await redis.start({ empty: true });
  assert.equal((await status("lost")).out, null);
  const there = (await readdir(join(dir, "parts"))).length;
  assert.ok(there >= 2 && there < count, `${there} of ${count}`);
  const { added } = JSON.parse((await add(dir, "lost")).stdout);
  assert.equal(added, count - there);
  const { code, stderr } = await outcome(worker("lost", "--once"));
  assert.equal(code, 0, stderr);
  assert.deepEqual(await partFiles(dir), wholeParts);
  const name = Object.keys(wholeParts)[3];
  await rm(join(dir, "parts", name));
  assert.equal(JSON.parse((await add(dir, "lost")).stdout).added, 1, "also a part that was made once");
});

test("shares and standard input give the same bytes", async () => {
  const [shares, piped] = [out("shares"), out("piped")];
  for (const shard of ["1/2", "2/2"]) {
    const args = ["extract", photos, "--out", shares, "--shard", shard, "--quiet", ...model];
    assert.equal((await mobilenets(args)).code, 0);
  }
  assert.deepEqual(await partFiles(shares), wholeParts);
  const printed = await mobilenets(["queue", "add", photos, "--out", piped, "--print", ...model]);
  assert.equal(printed.code, 0, printed.stderr);
  assert.equal(jsonLines(printed.stdout).length, count);
  // In another folder, and after a line that is none.
  const child = start(["worker", "--stdio", "--threads", "1"], { cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  const ended = outcome(child);
  child.stdin!.end(`{"name":"../../etc"}\n${printed.stdout}`);
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 1);
  assert.match(stderr, /error: line 1: .*out undefined, expected a chunk as/);
  const [refused, ...answers] = jsonLines(stdout) as { name: string | null; error?: string; pictures: number }[];
  assert.ok(refused.name === null && refused.error !== undefined);
  assert.equal(
    answers.reduce((sum, { pictures }) => sum + pictures, 0),
    300,
  );
  assert.deepEqual(await partFiles(piped), wholeParts);
});

test("what fails again and again is dead, with its reason; retry revives it, drain takes out what waits", async () => {
  const dir = out("dead");
  await add(dir, "dead", "--attempts", "1");
  // A part's folder that is a file: no part can be written.
  await rename(join(dir, "seen"), join(dir, "aside"));
  await writeFile(join(dir, "seen"), "");
  const failing = await outcome(worker("dead", "--once", "--quiet"));
  assert.match(failing.stderr, /it is dead: `queue retry` revives it/);
  const failed = await status("dead");
  assert.deepEqual([failed.dead, failed.done], [count, 0]);
  assert.match(failed.reasons[0].reason, /ENOTDIR/);
  const more = await add(dir, "dead").catch(() => undefined);
  assert.notEqual(more?.code, 0);
  await rm(join(dir, "seen"));
  await rename(join(dir, "aside"), join(dir, "seen"));
  const retried = await mobilenets(["queue", "retry", ...at, "--queue", "dead"]);
  assert.equal(retried.stdout, `${count} chunks wait again\n`);
  const drained = await mobilenets(["queue", "drain", ...at, "--queue", "dead", "--json"]);
  assert.deepEqual(JSON.parse(drained.stdout), { removed: count, active: 0 });
});

test("a machine with other weights gives the chunk back and ends; a Redis that is away is named", async () => {
  const dir = out("other");
  await add(dir, "other");
  await rename(join(dir, "run.json"), join(dir, "aside.json"));
  const unfit = await outcome(worker("other"));
  assert.equal(unfit.code, 2, unfit.stderr);
  assert.match(unfit.stderr, /no run of Parquet parts: all machines must see it under this path/);
  const { waiting, dead } = await status("other");
  assert.deepEqual([waiting, dead], [count, 0]);

  const away = await mobilenets(["queue", "status", "--redis", "redis://:secret@127.0.0.1:1"]);
  assert.equal(away.code, 1);
  assert.match(away.stderr, /redis:\/\/:\*\*\*@127\.0\.0\.1:1: cannot be reached \(ECONNREFUSED\): is Redis running/);
  const wrong = await mobilenets(["queue", "status", "--redis", "http://127.0.0.1"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--redis: http:\/\/127\.0\.0\.1, expected an address such as redis:\/\/host:6379/);
});

// Its folder goes with the test that made it, and Redis does not end on SIGTERM where it cannot write.
test("Redis ends", () => redis.stop("SIGKILL"));
