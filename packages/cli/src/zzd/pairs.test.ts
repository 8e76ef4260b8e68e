import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../mobilenets/src/random.ts";
import { DESCRIPTOR_LENGTH, turnDescriptor, turnsOf } from "./descriptor.ts";
import { candidatePairs } from "./pairs.ts";

const COUNT = 1200;
const next = random(4);
const turns = turnsOf(true, true);
/** Every third vector is like the one before, turned in some way. */
const vectors: Float32Array[] = [];
for (let i = 0; i < COUNT; i++) {
  const before = i % 3 === 1 ? turnDescriptor(vectors[i - 1], turns[i % turns.length]) : undefined;
  vectors.push(
    Float32Array.from({ length: DESCRIPTOR_LENGTH }, (_, at) => (before?.[at] ?? next() - 0.5) + 0.05 * (next() - 0.5)),
  );
}

async function pairs(ways: typeof turns | undefined, mostWork: number): Promise<Set<string>> {
  const found = new Set<string>();
  const options = { dimensions: DESCRIPTOR_LENGTH, least: 0.9, most: 24, turns: ways, mostWork };
  const done: number[] = [];
  const onProgress = (count: number) => done.push(count);
  for await (const { a, b } of candidatePairs(COUNT, (i) => vectors[i], { ...options, onProgress })) {
    found.add(`${Math.min(a, b)}-${Math.max(a, b)}`);
  }
  assert.deepEqual(
    done,
    done.toSorted((x, y) => x - y),
  );
  assert.equal(done.at(-1), COUNT);
  return found;
}

const wanted = Array.from({ length: COUNT / 3 }, (_, i) => `${3 * i}-${3 * i + 1}`);

for (const [how, mostWork] of [
  ["all with all", Infinity],
  ["in lists", 0],
] as const) {
  test(`turned copies are found, and nothing else: ${how}`, async () => {
    const found = await pairs(turns, mostWork);
    const hits = wanted.filter((pair) => found.has(pair));
    assert.ok(hits.length >= (mostWork > 0 ? 1 : 0.99) * wanted.length, `${hits.length} of ${wanted.length}`);
    assert.equal(found.size, hits.length);
  });
}

test("as they lie, only copies that lie so are found", async () => {
  const found = await pairs(undefined, 0);
  assert.ok(found.size > 0 && found.size < wanted.length / 2, String(found.size));
});
