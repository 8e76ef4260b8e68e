// A page finds the neighbours that Node finds, to the bit, in a file it is handed.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { nearest } from "mobilenets";
import { npyHeader } from "../../packages/cli/src/extract/npy.ts";
import { openPage } from "./harness.ts";

const [rows, dim] = [300, 1280];
const data = Float32Array.from({ length: rows * dim }, (_, i) => Math.fround(Math.sin(i * i)));
const file = Buffer.concat([npyHeader(rows, dim), new Uint8Array(data.buffer)]);

const page = await openPage<typeof import("./search.page.ts")>(new URL("./search.page.ts", import.meta.url), {
  "/features.npy": file,
});
after(() => page.close());

test("a stream of a File and a file from an address give Node's neighbours", async () => {
  const expected = await nearest(data.subarray(7 * dim, 8 * dim), { data, shape: [rows, dim] }, { k: 5 });
  assert.deepEqual(expected[0], { index: 7, similarity: 1 });
  assert.deepEqual(await page.call("neighbours", "/features.npy", 7, 5), [expected, expected]);
});

test("a file that is none is refused under its name", async () => {
  assert.equal(
    await page.call("refusal"),
    "ReadError chosen.npy: no NumPy file, expected a .npy file, as np.save writes it",
  );
});
