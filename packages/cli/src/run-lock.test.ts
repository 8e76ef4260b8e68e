import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LOCK, RunLockedError, withRunLock } from "./run-lock.ts";

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "run-lock-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test("while one works, others are refused by the number of its process; then the folder is as before", async (t) => {
  const dir = await folder(t);
  await withRunLock(dir, async () => {
    const refused = withRunLock(dir, async () => assert.fail("both"));
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof RunLockedError);
      assert.match(error.message, new RegExp(`process ${process.pid}, mobilenets .*: wait for it, or choose another`));
      return true;
    });
  });
  assert.deepEqual(await readdir(dir), []);
  await assert.rejects(
    withRunLock(dir, () => Promise.reject(new Error("work"))),
    /^Error: work$/,
  );
  assert.deepEqual(await readdir(dir), []);
});

test("the lock of a dead process is taken over at once, however young or old it says it is", async (t) => {
  const dir = await folder(t);
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const path = join(dir, LOCK);
  const holders = [
    { pid: child.pid, host: hostname(), started: "1", command: "extract" },
    // Another process has the number now.
    { pid: process.pid, host: hostname(), started: "1", command: "extract" },
  ];
  for (const text of [...holders.map((holder) => JSON.stringify(holder)), "", "{", "null"]) {
    for (const time of [0, 4e9]) {
      await writeFile(path, text);
      await utimes(path, time, time);
      assert.equal(
        await withRunLock(dir, () => readFile(path, "utf8").then((now) => JSON.parse(now).pid)),
        process.pid,
      );
    }
  }
});

test("a process of another machine cannot be asked: the error says what to delete", async (t) => {
  const dir = await folder(t);
  const holder = { pid: 1, host: "elsewhere", started: null, command: "train" };
  await writeFile(join(dir, LOCK), JSON.stringify(holder));
  await assert.rejects(
    withRunLock(dir, async () => {}),
    /process 1 of elsewhere, .*: if it runs no more, delete the file/,
  );
});

test("of many who find a dead lock one takes it", async (t) => {
  const dir = await folder(t);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, LOCK), "");
  let inside = 0;
  let most = 0;
  const ends = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      withRunLock(dir, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside--;
      }),
    ),
  );
  assert.equal(most, 1);
  assert.ok(ends.some(({ status }) => status === "fulfilled"));
});
