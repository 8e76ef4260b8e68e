import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { mapAhead } from "./map-ahead.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("results come in input order though later inputs are done first", async () => {
  const inputs = [30, 1, 20, 2, 10, 3];
  const finished: number[] = [];
  const map = async (ms: number) => {
    await sleep(ms);
    finished.push(ms);
    return ms;
  };
  assert.deepEqual(await collect(mapAhead(inputs, map, 3)), inputs);
  assert.notDeepEqual(finished, inputs);
});

test("no more than `ahead` are in flight or unfetched, however slow the consumer", async () => {
  let started = 0;
  let fetched = 0;
  let most = 0;
  const map = async () => {
    started++;
    most = Math.max(most, started - fetched);
  };
  for await (const _ of mapAhead(Array(20), map, 4)) {
    await sleep(2);
    fetched++;
  }
  assert.equal(started, 20);
  assert.equal(most, 4);
});

test("it takes inputs lazily and stops taking them when the consumer stops", async () => {
  let taken = 0;
  function* endless() {
    for (;;) yield taken++;
  }
  for await (const n of mapAhead(endless(), async (n) => n, 3)) if (n === 5) break;
  assert.ok(taken <= 9, `${taken} taken`);
});

test("an error reaches the consumer in its turn, after the results before it", async () => {
  const map = async (n: number) => {
    if (n === 2) throw new Error("two");
    await sleep(10);
    return n;
  };
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const n of mapAhead([0, 1, 2, 3], map, 4)) seen.push(n);
  }, /two/);
  assert.deepEqual(seen, [0, 1]);
});
