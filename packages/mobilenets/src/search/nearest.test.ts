import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../random.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { cosine } from "./cosine.ts";
import { type NearestOptions, nearest, type Vectors } from "./nearest.ts";
import type { Neighbour } from "./top-heap.ts";

/** Vectors that include equal ones, opposite ones, multiples and zeros. */
function vectors(count: number, dim: number, seed: number): Float32Array[] {
  const next = random(seed);
  const all: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const kind = i < 5 ? 0 : next();
    const other = all[Math.floor(next() * i)];
    if (kind < 0.6) all.push(Float32Array.from({ length: dim }, () => next() - 0.4));
    else if (kind < 0.7) all.push(new Float32Array(dim));
    else if (kind < 0.8) all.push(other.map((x) => -x));
    else if (kind < 0.9) all.push(other.map((x) => 2 * x));
    else all.push(other.slice());
  }
  return all;
}

function bruteForce(query: Float32Array, all: readonly Float32Array[], k: number, metric = "cosine"): Neighbour[] {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const similarities = all.map((vector) => (metric === "cosine" ? cosine(query, vector) : dot(query, vector)));
  return similarities
    .map((similarity, index) => ({ index, similarity }))
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
    .slice(0, k);
}

function matrix(all: readonly Float32Array[], dim = all[0].length): Tensor {
  const whole = tensor([all.length, dim]);
  all.forEach((vector, i) => {
    whole.data.set(vector, i * dim);
  });
  return whole;
}

// Fewer rows than are summed at once, more than a block, remainders of each size; one number and many.
for (const [count, dim] of [
  [1, 3],
  [3, 1],
  [7, 5],
  [64, 8],
  [611, 24],
  [130, 1280],
]) {
  test(`${count} vectors of ${dim} numbers: what comparing all gives, to the bit, in every form`, async () => {
    const all = vectors(count, dim, count);
    const whole = matrix(all);
    async function* stream(rows: number): AsyncGenerator<Tensor> {
      // All blocks share one memory: code that keeps a block would see it change.
      const block = new Float32Array(rows * dim);
      for (let start = 0; start < count; start += rows) {
        const end = Math.min(count, start + rows);
        block.fill(Number.NaN);
        block.set(whole.data.subarray(start * dim, end * dim));
        yield { data: block.subarray(0, (end - start) * dim), shape: [end - start, dim] };
      }
    }
    function* mixed(): Generator<Tensor | Float32Array> {
      for (let i = 0; i < count; i += 3) {
        yield all[i];
        yield matrix(all.slice(i + 1, i + 3), dim);
      }
    }
    for (const metric of ["cosine", "dot"] as const) {
      for (const k of [1, 4, count + 5]) {
        for (const asked of [1, 2, 5]) {
          const queries = vectors(8, dim, 99).slice(0, asked);
          const expected = queries.map((query) => bruteForce(query, all, k, metric));
          const options = { k, metric };
          for (const form of [all, whole, stream(1), stream(7), stream(count), mixed(), new Set(all)]) {
            if (form instanceof Set && form.size !== count) continue;
            assert.deepEqual(await nearest(queries, form as Vectors, options), expected);
          }
          assert.deepEqual(await nearest(matrix(queries), whole, options), expected);
          assert.deepEqual(await nearest(queries[0], whole, options), expected[0]);
        }
      }
    }
  });
}

test("ten neighbours by the cosine unless asked otherwise", async () => {
  const all = vectors(30, 4, 1);
  assert.deepEqual(await nearest(all[3], all), bruteForce(all[3], all, 10));
});

test("a vector is most like itself, exactly, and equal ones come in order", async () => {
  const all = Array.from({ length: 50 }, () => Float32Array.of(0.1, 0.2, 0.7));
  const found = await nearest(all[40], all, { k: 3 });
  assert.deepEqual(
    found,
    [0, 1, 2].map((index) => ({ index, similarity: 1 })),
  );
});

test("no queries, no vectors", async () => {
  const query = Float32Array.of(1, 2);
  assert.deepEqual(await nearest([], [query]), []);
  assert.deepEqual(await nearest(tensor([0, 2]), [query]), []);
  assert.deepEqual(await nearest(query, []), []);
  assert.deepEqual(await nearest([query, query], tensor([0, 2])), [[], []]);
});

test("what does not go together is refused in words", async () => {
  const query = Float32Array.of(1, 2, 3);
  const refused = (...args: [query: unknown, vectors: unknown, options?: unknown]) =>
    nearest(...(args as [Float32Array, Vectors, NearestOptions])).then(
      () => assert.fail("accepted"),
      (error) => {
        assert.equal(error.name, "OptionError");
        return error.message as string;
      },
    );
  assert.equal(
    await refused(query, [query, Float32Array.of(1, 2)]),
    "vectors, row 1: 2 numbers, expected 3, as the query has: are both of one network and layer?",
  );
  assert.match(
    await refused([query, Float32Array.of(1)], [query]),
    /^query 1: 1 numbers, expected 3, as the first query/,
  );
  assert.match(
    await refused(query, tensor([4, 2])),
    /row 0: a block of shape \[4,2\] with 8 numbers, expected \[n,3\]/,
  );
  assert.match(await refused(query, { data: new Float32Array(5), shape: [2, 3] }), /shape \[2,3\] with 5 numbers/);
  assert.match(await refused(query, tensor([3])), /shape \[3\]/);
  assert.match(await refused(tensor([1, 1, 3]), [query]), /queries: shape \[1,1,3\]/);
  assert.match(await refused(new Float32Array(0), [query]), /query 0: 0 numbers, expected at least one/);
  assert.match(await refused([[1, 2, 3]], [query]), /query: an array, expected a Float32Array, or a float32 tensor/);
  assert.match(await refused(query, null), /^nearest: vectors: null, expected a Float32Array/);
  assert.match(await refused(query, query), /^nearest: vectors: a value of type Float32Array/);
  assert.match(await refused(query, [query, [1, 2, 3]]), /^vectors, row 1: an array/);
  assert.match(await refused(query, [query], { k: 0 }), /^k: 0, expected an integer >= 1/);
  assert.match(await refused(query, [query], { k: 1.5 }), /^k: 1\.5/);
  assert.match(await refused(query, [query], { metric: "euclidean" }), /^metric: "euclidean", expected cosine or dot/);
  assert.match(await refused(query, [query], { topk: 3 }), /^nearest: option "topk"/);
});

test("vectors that are no numbers are named, not ranked", async () => {
  const query = Float32Array.of(1, 2);
  const all = Array.from({ length: 600 }, () => query);
  all[555] = Float32Array.of(Number.NaN, 1);
  await assert.rejects(nearest(query, all), { message: /^vectors, row 555: NaN or infinity/ });
  await assert.rejects(nearest(query, matrix(all)), { message: /^vectors, row 555: NaN or infinity/ });
  await assert.rejects(nearest([query, Float32Array.of(Infinity, 0)], []), { message: /^query 1: NaN or infinity/ });
});
