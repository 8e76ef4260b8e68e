import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { ReadError } from "mobilenets";
import { narrowFloat16, widenFloat16 } from "mobilenets/weights";
import { writeRun } from "../extract/run-record.ts";
import { FeatureStore } from "../extract/store.ts";
import type { PartModel, PartRow } from "./parquet/columns.ts";
import { partBytes } from "./parquet/write-part.ts";
import { openStore } from "./read-store.ts";

const preprocessing = {
  height: 96,
  width: 96,
  channels: 3,
  crop: "center",
  cropFraction: 0.875,
  mean: [0],
  std: [1],
} as const;
const model: PartModel = {
  network: "mobilenet_v2",
  weights: "abc",
  preprocessing: JSON.stringify(preprocessing),
  dtype: "float32",
  dim: 3,
  labels: true,
};

const vector = (i: number): Float32Array => Float32Array.of(i, i + 0.1, -i);
const id = (i: number) => `photos/${String(i).padStart(3, "0")}é.jpg`;

/** Every third picture failed. */
const row = (i: number): PartRow =>
  i % 3 === 1
    ? { id: id(i), path: id(i), error: "no picture", engine: "wasm-simd" }
    : {
        ...{ id: id(i), path: id(i), sha256: `${i}`, width: 10 + i, height: i, engine: "wasm-simd" },
        ...{ labels: ["owl", `label ${i}`], scores: [0.5, 0.25], embedding: vector(i) },
      };
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));
const good = (from: number, to: number) =>
  rows(from, to).flatMap(({ error }, i) => (error === undefined ? [from + i] : []));

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "parts-"));
  t.after(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, "parts"));
  return dir;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function contents(dir: string) {
  const store = await openStore(dir);
  const found: { id: string; vector: number[] }[] = [];
  for await (const { from, ids, vectors } of store.blocks()) {
    assert.equal(from, found.length);
    for (const [i, name] of ids.entries()) {
      const { dimensions } = store;
      found.push({ id: name, vector: [...vectors.subarray(i * dimensions, (i + 1) * dimensions)] });
    }
  }
  assert.equal(found.length, store.rows);
  assert.deepEqual(
    store.ids(),
    found.map((one) => one.id),
  );
  for (const index of [0, store.rows - 1]) {
    const one = await store.row(index);
    assert.deepEqual({ id: one.id, vector: [...one.vector] }, found[index]);
  }
  for (const [start, count] of [
    [0, store.rows],
    [1, store.rows - 2],
    [store.rows, 0],
  ]) {
    const vectors = found.slice(start, start + count).flatMap((one) => one.vector);
    assert.deepEqual([...(await store.read(start, count))], vectors);
  }
  await store.close();
  return found;
}

const expected = (numbers: readonly number[], of = vector) => numbers.map((i) => ({ id: id(i), vector: [...of(i)] }));

test("parts are read in the order of their ids, without the pictures that failed", async (t) => {
  const dir = await folder(t);
  await writeFile(join(dir, "parts", "a.parquet"), partBytes(rows(5, 11), model));
  await writeFile(join(dir, "parts", "b.parquet"), partBytes(rows(0, 5), model));
  await writeFile(join(dir, "parts", "none.parquet"), partBytes([row(1)], model));
  assert.deepEqual(await contents(dir), expected(good(0, 11)));
  const store = await openStore(dir);
  const { format, network, dimensions, weightsHash } = store;
  assert.deepEqual([format, network, dimensions, weightsHash], ["parquet", "mobilenet_v2", 3, "abc"]);
  assert.deepEqual(store.preprocessing, preprocessing);
  const items = await all(store.items());
  assert.deepEqual(items[1], {
    ...{ id: id(2), path: id(2), sha256: "2", width: 12, height: 2 },
    ...{ labels: ["owl", "label 2"], scores: [0.5, 0.25] },
  });
  assert.equal(items.length, store.rows);
});

test("float16 rounds to the nearest half", async (t) => {
  const dir = await folder(t);
  await writeFile(join(dir, "parts", "a.parquet"), partBytes(rows(0, 9), { ...model, dtype: "float16" }));
  assert.deepEqual(
    await contents(dir),
    expected(good(0, 9), (i) => widenFloat16(narrowFloat16(vector(i)))),
  );
});

test("of two rows with one id that of the newer part counts", async (t) => {
  const dir = await folder(t);
  const newer = rows(4, 8).map((one) => (one.embedding ? { ...one, embedding: Float32Array.of(1, 2, 3) } : one));
  await writeFile(join(dir, "parts", "a.parquet"), partBytes(rows(0, 6), model));
  await writeFile(join(dir, "parts", "b.parquet"), partBytes(newer, model));
  await utimes(join(dir, "parts", "a.parquet"), 1000, 1000);
  const both = [...expected(good(0, 4)), ...good(4, 8).map((i) => ({ id: id(i), vector: [1, 2, 3] }))];
  assert.deepEqual(await contents(dir), both);
});

test("the same rows give the same bytes", () => {
  assert.deepEqual(partBytes(rows(0, 20), model), partBytes(rows(0, 20), model));
});

test("a file that another program has written, compressed and in row groups", async (t) => {
  const dir = await folder(t);
  const numbers = good(0, 20);
  const file = parquetWriteBuffer({
    columnData: [
      { name: "id", data: numbers.map(id) },
      { name: "embedding", data: numbers.map((i) => [...vector(i)]) },
    ],
    schema: [
      { name: "schema", num_children: 2 },
      { name: "id", type: "BYTE_ARRAY", converted_type: "UTF8" },
      { name: "embedding", num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST" },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
    ],
    rowGroupSize: 4,
  });
  await writeFile(join(dir, "foreign.parquet"), new Uint8Array(file));
  assert.deepEqual(await contents(join(dir, "foreign.parquet")), expected(numbers));
});

test("damaged parts, and such of another model, are named", async (t) => {
  const dir = await folder(t);
  const part = join(dir, "parts", "a.parquet");
  const whole = partBytes(rows(0, 9), model);
  for (const length of [0, 3, 40, whole.length - 1]) {
    await writeFile(part, whole.subarray(0, length));
    await assert.rejects(openStore(dir), (error: Error) => {
      assert.ok(error instanceof ReadError, String(error));
      assert.match(error.message, /a\.parquet: no whole Parquet file .*delete it/);
      return true;
    });
  }
  await writeFile(part, whole);
  const longer = rows(20, 22).map((one) => ({ ...one, embedding: one.embedding && new Float32Array(7) }));
  await writeFile(join(dir, "parts", "b.parquet"), partBytes(longer, { ...model, dim: 7 }));
  await assert.rejects(contents(dir), /embeddings.*expected 2 embeddings of 3/);
});

test("features.npy and items.jsonl as well", async (t) => {
  const dir = await folder(t);
  const inputs = rows(0, 10).map(({ path }) => path);
  const store = await FeatureStore.open(dir, inputs, 3);
  await store.append(
    rows(0, 10).map(({ path, error, sha256, width, height, embedding }) =>
      error === undefined
        ? { path, sha256: sha256!, width: width!, height: height!, value: embedding! }
        : { path, error: { name: "ImageError", message: error } },
    ),
  );
  await store.close();
  const record = { version: "0.1.0", network: "mobilenet_v2", options: {}, model: "abc", engine: "wasm", layer: null };
  await writeRun(dir, { ...record, preprocessing: { ...preprocessing, channels: 3 }, dim: 3 });
  assert.deepEqual(await contents(dir), expected(good(0, 10)));
  const opened = await openStore(dir);
  assert.deepEqual([opened.format, opened.weightsHash, opened.network], ["npy", "abc", "mobilenet_v2"]);
  const items = await all(opened.items());
  assert.deepEqual(items[1], { id: id(2), path: id(2), sha256: "2", width: 12, height: 2 });
});

test("parts of two models are refused, though their vectors have one length", async (t) => {
  const dir = await folder(t);
  const other = { ...model, weights: "def" };
  await writeFile(join(dir, "parts", "a.parquet"), partBytes(rows(0, 3), model));
  await writeFile(join(dir, "parts", "b.parquet"), partBytes(rows(3, 6), other));
  await assert.rejects(openStore(dir), {
    name: "ReadError",
    message:
      /b\.parquet: features of mobilenet_v2 with the weights def, expected .* the weights abc, as in .*a\.parquet: keep/,
  });
});
