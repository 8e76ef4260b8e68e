import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { MemoryBudget, type Share } from "./memory-budget.ts";

/** Resolves at the next turn to a function that tells if the share has its bytes. */
async function got(share: Share, bytes: number): Promise<() => boolean> {
  let done = false;
  share.grow(bytes).then(() => {
    done = true;
  });
  await setImmediate();
  return () => done;
}

test("bytes are given as far as they last, then in the order of asking as they come back", async () => {
  const budget = new MemoryBudget(100);
  const [a, b, c] = [budget.open(), budget.open(), budget.open()];
  assert.ok((await got(a, 60))());
  const second = await got(b, 60);
  const third = await got(c, 50);
  assert.deepEqual([second(), third(), budget.used], [false, false, 60]);
  a.close();
  await setImmediate();
  assert.deepEqual([second(), third(), budget.used], [true, false, 60]);
  b.shrink(10);
  await setImmediate();
  assert.deepEqual([third(), budget.used], [true, 100]);
  b.close();
  c.close();
  assert.equal(budget.used, 0);
});

test("a picture that somebody waits for goes on in any case", async () => {
  const budget = new MemoryBudget(100);
  const [a, b, c] = [budget.open(), budget.open(), budget.open()];
  await a.grow(80);
  const huge = await got(b, 1000);
  const small = await got(c, 30);
  assert.deepEqual([huge(), small()], [false, false]);
  b.want();
  await setImmediate();
  assert.deepEqual([huge(), small()], [true, false]);
  assert.ok((await got(b, 500))());
  b.close();
  a.close();
  await setImmediate();
  assert.ok(small());
});
