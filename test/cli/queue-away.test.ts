// What waits for a Redis that is away ends when it is told to, in words.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";
import { writeMany } from "./pictures.ts";
import { TestRedis } from "./redis.ts";
import { mobilenets, outcome, start, tiny } from "./run.ts";

const root = await temporaryFolder();
const photos = join(root, "photos");
await writeMany(photos, 40);
const add = ({ url }: TestRedis, name: string) => {
  const store = ["--out", join(root, name), "--chunk-size", "5"];
  return mobilenets(["queue", "add", photos, ...store, "--redis", url, "--queue", name, ...tiny]);
};

/** A worker that can be waited for until it says something. */
function worker(url: string, queue: string, ...more: string[]) {
  const child = start(["worker", "--redis", url, "--queue", queue, "--threads", "1", "--stalled-after", "1", ...more]);
  let heard = "";
  child.stderr!.on("data", (text) => {
    heard += text;
  });
  const hears = async (words: RegExp) => {
    while (!words.test(heard)) {
      assert.equal(child.exitCode, null, heard);
      await sleep(10);
    }
  };
  return { child, ended: outcome(child), hears };
}

/** How a worker ends on a signal, and within how many seconds. */
async function stopped({ child, ended }: ReturnType<typeof worker>, signal: NodeJS.Signals = "SIGTERM") {
  const from = performance.now();
  child.kill(signal);
  const patience = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const end = await ended;
  clearTimeout(patience);
  return { ...end, seconds: (performance.now() - from) / 1000 };
}

// Most of it is waiting.
describe("what waits for Redis", { concurrency: true }, () => {
  for (const loss of ["lost", "frozen"] as const) {
    test(`a worker whose Redis is ${loss} ends on a signal; another one finishes the run`, async () => {
      const redis = await TestRedis.start();
      const added = await add(redis, loss);
      const [, count] = /of (\d+) parts/.exec(added.stdout) ?? assert.fail(added.stderr);
      // One finishes the chunk under way, the other gives it up at once.
      const workers = (loss === "lost" ? ["20", "0"] : ["20"]).map((grace) =>
        worker(redis.url, loss, "--grace", grace, "--once"),
      );
      await Promise.all(workers.map((one) => one.hears(/ pictures in /)));
      if (loss === "lost") await redis.stop("SIGKILL");
      else redis.freeze();
      await sleep(100);
      for (const { code, stderr, seconds } of await Promise.all(workers.map((one) => stopped(one)))) {
        assert.equal(code, 130, stderr);
        assert.match(stderr, /stopping/);
        assert.match(stderr, /warning: redis:.*; ended without it/);
        assert.ok(seconds < 12, `${seconds} s: ${stderr}`);
      }
      if (loss === "lost") await redis.start();
      else redis.thaw();
      const last = await outcome(worker(redis.url, loss, "--once").child);
      assert.equal(last.code, 0, last.stderr);
      const parts = await readdir(join(root, loss, "parts"));
      assert.equal(parts.filter((name) => name.endsWith(".parquet")).length, Number(count));
      await redis.stop("SIGKILL");
    });
  }

  test("a worker without a chunk, and one that never had a Redis, end with 0", async () => {
    const redis = await TestRedis.start();
    const idle = worker(redis.url, "nothing");
    const never = worker("redis://:secret@127.0.0.1:1", "never", "--quiet");
    await idle.hears(/waiting for chunks/);
    await never.hears(/warning: redis:\/\/:\*\*\*@127\.0\.0\.1:1: .*ECONNREFUSED.*; trying again/);
    await redis.stop("SIGKILL");
    for (const { code, stderr, seconds } of await Promise.all([stopped(idle, "SIGINT"), stopped(never)])) {
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, / {4}at /);
      assert.ok(seconds < 6, `${seconds} s: ${stderr}`);
    }
  });

  test("a Redis that wants another password ends a worker and a question", async () => {
    const locked = await TestRedis.start("--requirepass", "right");
    const wrong = locked.url.replace("//", "//:wrong@");
    const asked = [
      ["worker", "--once", "--redis", locked.url],
      ["queue", "status", "--redis", wrong],
    ];
    for (const { code, stderr } of await Promise.all(asked.map((args) => mobilenets(args)))) {
      assert.equal(code, 1, stderr);
      assert.match(stderr, /error: redis:.*refuses \((NOAUTH|WRONGPASS).*: put the password into the address/);
    }
    await locked.stop("SIGKILL");
  });

  test("questions end with 1, in words, where Redis freezes before or under them", async () => {
    const redis = await TestRedis.start();
    // Hands on what is said, until the queue is spoken of.
    const relay = createServer((from) => {
      const to = createConnection(Number(new URL(redis.url).port), "127.0.0.1");
      from.on("data", (data) => data.includes("bull:asked") || to.write(data));
      to.on("data", (data) => from.write(data));
      for (const end of [from, to]) end.on("error", () => {}).on("close", () => [from, to].map((one) => one.destroy()));
    }).listen(0, "127.0.0.1");
    await once(relay, "listening");
    after(() => relay.close());
    const ask = (url: string, ...args: string[]) => mobilenets(["queue", ...args, "--redis", url, "--queue", "asked"]);
    const { port } = relay.address() as { port: number };
    const questions = [["status"], ["add", photos, "--out", join(root, "asked"), ...tiny]];
    const under = await Promise.all(questions.map((args) => ask(`redis://127.0.0.1:${port}`, ...args)));
    for (const { code, stderr } of under) {
      assert.equal(code, 1, stderr);
      assert.match(stderr, /error: redis:.*: cannot be reached \(Command timed out\): is Redis running there/);
    }
    redis.freeze();
    const { code, stderr } = await ask(redis.url, "status");
    assert.equal(code, 1, stderr);
    assert.match(stderr, /error: redis:.*: cannot be reached \(no answer\): is Redis running there/);
    await redis.stop("SIGKILL");
  });
});
