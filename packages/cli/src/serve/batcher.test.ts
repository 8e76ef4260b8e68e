import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Batcher, Unwanted } from "./batcher.ts";

/** A batcher that doubles numbers, and the batches it has started. Each waits for its release. */
function doubling(options: { maxBatch: number; maxDelay: number }, runners = 1) {
  const batches: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const run = async (inputs: readonly number[]) => {
    batches.push(inputs);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (inputs.includes(-1)) throw new Error("minus one");
    return inputs.map((x) => 2 * x);
  };
  return { batcher: new Batcher(run, options, runners), batches, end: () => ends.shift()!() };
}

test("full batches begin at once, others when the first has waited; while one runs the next gathers", async () => {
  const { batcher, batches, end } = doubling({ maxBatch: 3, maxDelay: 20 });
  const values = [1, 2, 3, 4, 5].map((x) => batcher.add(x));
  assert.deepEqual(batches, [[1, 2, 3]]);
  await sleep(60);
  assert.equal(batches.length, 1);
  end();
  assert.deepEqual(await Promise.all(values.slice(0, 3)), [2, 4, 6]);
  // They have already waited.
  assert.deepEqual(batches[1], [4, 5]);
  end();
  assert.deepEqual(await Promise.all(values), [2, 4, 6, 8, 10]);
  const late = batcher.add(7);
  assert.equal(batches.length, 2);
  await sleep(60);
  assert.deepEqual(batches[2], [7]);
  end();
  assert.equal(await late, 14);
});

test("as many batches run at a time as there are runners", async () => {
  const { batcher, batches, end } = doubling({ maxBatch: 1, maxDelay: 0 }, 2);
  const values = [1, 2, 3].map((x) => batcher.add(x));
  assert.equal(batches.length, 2);
  for (let i = 0; i < 3; i++) {
    end();
    await sleep(1);
  }
  assert.deepEqual(await Promise.all(values), [2, 4, 6]);
});

test("an error is that of its batch alone", async () => {
  const { batcher, end } = doubling({ maxBatch: 1, maxDelay: 0 });
  const [bad, good] = [batcher.add(-1), batcher.add(1)];
  end();
  await assert.rejects(bad, /minus one/);
  end();
  assert.equal(await good, 2);
});

test("what nobody waits for any more is not computed", async () => {
  const { batcher, batches, end } = doubling({ maxBatch: 2, maxDelay: 0 });
  const first = batcher.add(1);
  let here = true;
  const gone = batcher.add(2, () => here);
  const others = [batcher.add(3), batcher.add(4)];
  here = false;
  end();
  await assert.rejects(gone, Unwanted);
  await first;
  assert.deepEqual(batches[1], [3, 4]);
  end();
  assert.deepEqual(await Promise.all(others), [6, 8]);
});
