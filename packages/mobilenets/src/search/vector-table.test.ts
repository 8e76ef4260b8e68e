import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { random } from "../random.ts";
import { cosine } from "./cosine.ts";
import { nearest } from "./nearest.ts";
import { VectorTable, type VectorType } from "./vector-table.ts";

const next = random(7);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const vectors = (count: number, dim: number) => Float32Array.from({ length: count * dim }, gaussian);

/** Largest difference from the exact cosine. int8: half a step (1 / 254 of the largest number) in each of 15 or more numbers. */
const tolerance: Readonly<Record<VectorType, number>> = { float32: 2e-6, float16: 2e-4, int8: 8e-3 };

for (const type of Object.keys(tolerance) as VectorType[]) {
  test(`${type}: cosines of every row, of lengths that are no multiple of the kernels' step`, async () => {
    for (const dimensions of [1, 15, 16, 17, 100, 1280]) {
      const rows = 70;
      const data = vectors(rows, dimensions);
      // Tiny, huge and zero lengths do not change a cosine.
      for (let r = 0; r < rows; r++) {
        const factor = r === 9 ? 0 : 10 ** ((r % 8) * 4 - 14);
        for (let i = 0; i < dimensions; i++) data[r * dimensions + i] *= factor;
      }
      const table = await VectorTable.create({ dimensions, type });
      table.add(data.subarray(0, dimensions));
      table.add(data.subarray(dimensions));
      assert.equal(table.rows, rows);
      const queries = [
        data.slice(3 * dimensions, 4 * dimensions),
        vectors(1, dimensions),
        new Float32Array(dimensions),
      ];
      const found = table.nearest(queries, { k: rows });
      assert.ok(found[0][0].similarity > 1 - tolerance[type]);
      found.forEach((list, q) => {
        assert.equal(list.length, rows);
        for (const { index, similarity } of list) {
          const exact = cosine(queries[q], data.subarray(index * dimensions, (index + 1) * dimensions));
          assert.ok(
            Math.abs(similarity - exact) <= tolerance[type],
            `${dimensions}, row ${index}: ${similarity} ${exact}`,
          );
        }
      });
    }
  });
}

test("rows as they are kept", async () => {
  const dimensions = 20;
  const data = vectors(2, dimensions);
  const unit = data.map((x) => x / Math.hypot(...data.subarray(0, dimensions)));
  for (const [type, rounding] of [
    ["float16", 2 ** -11],
    ["int8", 1 / 200],
  ] as const) {
    const table = await VectorTable.create({ dimensions, type });
    table.add(data);
    table.row(0).forEach((x, i) => {
      assert.ok(Math.abs(x - unit[i]) <= rounding, `${type}: ${x} ${unit[i]}`);
    });
  }
  const table = await VectorTable.create({ dimensions });
  table.add(data);
  assert.deepEqual(table.row(1), data.slice(dimensions));
  assert.throws(() => table.row(2), /VectorTable: row: 2, expected a row of the table, 0 to 1/);
});

test("several memories, rows that may not be found, many queries", async () => {
  const dimensions = 300;
  // The first memory has room for 3,448 rows of float32.
  const rows = 12_000;
  const data = vectors(rows, dimensions);
  const table = await VectorTable.create({ dimensions });
  for (let row = 0; row < rows; row += 1000) table.add(data.subarray(row * dimensions, (row + 1000) * dimensions));
  const queries = Array.from({ length: 70 }, (_, q) => data.slice(q * 170 * dimensions, (q * 170 + 1) * dimensions));
  const exact = await nearest(queries, { data, shape: [rows, dimensions] }, { k: 5 });
  const found = table.nearest(queries, { k: 5 });
  const indices = (lists: readonly (readonly { index: number }[])[]) =>
    lists.map((list) => list.map(({ index }) => index));
  assert.deepEqual(indices(found), indices(exact));
  const odd = table.nearest(queries[0], { k: 3, accept: (index) => index % 2 === 1 });
  assert.ok(odd.length === 3 && odd.every(({ index }) => index % 2 === 1));
  const { bytes } = table;
  table.clear();
  assert.deepEqual([table.rows, table.nearest(queries[0])], [0, []]);
  table.add(data.subarray(0, dimensions));
  assert.equal(table.nearest(queries[0])[0].index, 0);
  assert.ok(table.bytes < bytes);
});

test("int8: sums of the largest numbers stay exact", async () => {
  const dimensions = 65_536;
  const table = await VectorTable.create({ dimensions, type: "int8", capacity: 2 });
  const ones = new Float32Array(dimensions).fill(3);
  table.add(ones);
  table.add(ones.map((x) => -x));
  const found = table.nearest(ones);
  assert.ok(found[0].index === 0 && found[0].similarity > 0.99, JSON.stringify(found));
  assert.ok(found[1].similarity < -0.99, JSON.stringify(found));
});

test("what is no vector of the table is refused by its row", async () => {
  await assert.rejects(VectorTable.create({ dimensions: 0 }), /VectorTable: dimensions: 0, expected an integer, 1 to/);
  await assert.rejects(
    VectorTable.create({ dimensions: 4, type: "int4" as "int8" }),
    /expected float32, float16, int8/,
  );
  const table = await VectorTable.create({ dimensions: 2 });
  table.add(Float32Array.of(1, 2));
  assert.throws(
    () => table.add(Float32Array.of(1, 2, 3)),
    /vectors, row 1: 3 numbers, expected a Float32Array of a multiple/,
  );
  assert.throws(() => table.add(Float32Array.of(1, 2, 3, Number.NaN)), /vectors, row 2: NaN or infinity/);
  assert.equal(table.rows, 1);
  assert.throws(() => table.nearest(Float32Array.of(1)), OptionError);
  assert.throws(() => table.nearest(Float32Array.of(1, Infinity)), /query 0: NaN or infinity/);
  assert.throws(() => table.nearest(Float32Array.of(1, 1), { k: 0 }), /k: 0/);
});
