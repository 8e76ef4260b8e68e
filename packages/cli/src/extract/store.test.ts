import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OptionError } from "mobilenets";
import type { Inferred } from "../pictures/infer.ts";
import { type BadPicture, isBad } from "../pictures/open.ts";
import { FeatureStore } from "./store.ts";

const DIM = 3;
const HEADER = 128;
const ROW = DIM * 4;

type Result = Inferred<Float32Array> | BadPicture;

/** Item i: every third one is bad, the others bear their number. */
const results: readonly Result[] = Array.from({ length: 10 }, (_, i) =>
  i % 3 === 1
    ? { path: `${i}.jpg`, error: { name: "ImageError", message: `${i}.jpg: é, no picture` } }
    : { path: `${i}.jpg`, sha256: `${i}`, width: 10 + i, height: i, value: Float32Array.of(i, i + 0.5, -i) },
);
const inputs = results.map(({ path }) => path);

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "store-"));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

async function contents(dir: string): Promise<[features: string, items: string]> {
  const [features, items] = await Promise.all(["features.npy", "items.jsonl"].map((f) => readFile(join(dir, f))));
  return [features.toString("hex"), items.toString("utf8")];
}

/** What the files must hold after the first n items, put together without the store. */
function expected(n: number): [features: string, items: string] {
  let row = 0;
  const lines = results.slice(0, n).map((result) => {
    if (isBad(result))
      return `{"path":"${result.path}","error":{"name":"ImageError","message":"${result.error.message}"}}\n`;
    const { path, sha256, width, height } = result;
    return `{"path":"${path}","sha256":"${sha256}","width":${width},"height":${height},"row":${row++}}\n`;
  });
  const data = Buffer.alloc(row * ROW);
  const vectors = results.slice(0, n).flatMap((result) => (isBad(result) ? [] : [...result.value]));
  for (const [i, x] of vectors.entries()) data.writeFloatLE(x, i * 4);
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${row}, ${DIM}), }`;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, "latin1");
  return [Buffer.concat([header, data]).toString("hex"), lines.join("")];
}

/** Goes on from where the store stands, in batches of `size`. */
async function finish(dir: string, size: number): Promise<void> {
  const store = await FeatureStore.open(dir, inputs, DIM);
  while (store.count < results.length) await store.append(results.slice(store.count, store.count + size));
  await store.close();
}

test("files after each batch are whole and say what is done", async (t) => {
  const dir = await folder(t);
  const store = await FeatureStore.open(dir, inputs, DIM);
  assert.deepEqual(await contents(dir), expected(0));
  for (const n of [1, 2, 5, 10]) {
    await store.append(results.slice(store.count, n));
    assert.deepEqual(await contents(dir), expected(n), `after ${n}`);
    assert.deepEqual(
      [store.count, store.rows, store.failed],
      [n, n - Math.floor((n + 1) / 3), Math.floor((n + 1) / 3)],
    );
  }
  await store.close();
});

test("batch sizes leave no trace", async (t) => {
  for (const size of [1, 3, 10]) {
    const dir = await folder(t);
    await finish(dir, size);
    assert.deepEqual(await contents(dir), expected(10), `batches of ${size}`);
  }
});

test("cut anywhere in either file, it goes on to the same end", async (t) => {
  const [features, items] = expected(7);
  const lengths = { features: features.length / 2, items: Buffer.byteLength(items) };
  for (let cut = 0; cut <= lengths.items; cut += 5) {
    for (const features of [0, 60, HEADER, HEADER + ROW + 5, HEADER + 3 * ROW, lengths.features]) {
      const dir = await folder(t);
      const store = await FeatureStore.open(dir, inputs, DIM);
      await store.append(results.slice(0, 7));
      await store.close();
      await truncate(join(dir, "items.jsonl"), cut);
      await truncate(join(dir, "features.npy"), features);
      await finish(dir, 4);
      assert.deepEqual(await contents(dir), expected(10), `items cut at ${cut}, features at ${features}`);
    }
  }
});

test("what a crash wrote too much of is cut off", async (t) => {
  for (const [file, surplus] of [
    ["features.npy", Buffer.alloc(5 * ROW + 1, 7)],
    ["items.jsonl", Buffer.alloc(4096)],
    ["items.jsonl", Buffer.from('{"path":"7.jpg","er')],
    ["items.jsonl", Buffer.from('{"path":"7.jpg","sha256":"7","width":1,"height":1,"row":5}\n')],
    ["items.jsonl", Buffer.from([0xff, 0xfe, 0x0a])],
  ] as const) {
    const dir = await folder(t);
    const store = await FeatureStore.open(dir, inputs, DIM);
    await store.append(results.slice(0, 7));
    await store.close();
    await appendFile(join(dir, file), surplus);
    const again = await FeatureStore.open(dir, inputs, DIM);
    assert.equal(again.count, 7);
    assert.deepEqual(await contents(dir), expected(7), file);
    await again.close();
  }
});

test("more pictures at the end may follow, other ones are refused and nothing is touched", async (t) => {
  const dir = await folder(t);
  const store = await FeatureStore.open(dir, inputs.slice(0, 5), DIM);
  await store.append(results.slice(0, 5));
  await store.close();
  const refused = async (others: string[], message: RegExp) => {
    await assert.rejects(FeatureStore.open(dir, others, DIM), (error) => {
      assert.ok(error instanceof OptionError);
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(await contents(dir), expected(5));
  };
  await refused(["0.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"], /line 2: "1.jpg", expected "2.jpg"/);
  await refused(["0.jpg", "1.jpg"], /line 3: "2.jpg", expected no more than the 2 pictures/);
  await finish(dir, 8);
  assert.deepEqual(await contents(dir), expected(10));
});

test("long journals are read in pieces without losing the count", async (t) => {
  const dir = await folder(t);
  const many = Array.from({ length: 3000 }, (_, i) => `${"long/".repeat(i % 40)}${i}.jpg`);
  const lines = many.map((path) => `${JSON.stringify({ path, error: { name: "ImageError", message: "no" } })}\n`);
  await writeFile(join(dir, "items.jsonl"), lines.join(""));
  const store = await FeatureStore.open(dir, many, DIM);
  assert.deepEqual([store.count, store.rows], [3000, 0]);
  await store.close();
});
