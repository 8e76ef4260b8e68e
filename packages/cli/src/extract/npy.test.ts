import assert from "node:assert/strict";
import { test } from "node:test";
import { NPY_HEADER_BYTES, npyHeader } from "./npy.ts";

test("the header is what numpy.save writes for a matrix, padded to 128 bytes", () => {
  // numpy 2: np.save(f, np.zeros((3, 1280), "<f4")), the first 128 bytes.
  const dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1280), }";
  const expected = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(dictionary.padEnd(117) + "\n"),
  ]);
  assert.deepEqual(npyHeader(3, 1280), expected);
});

test("its size does not change with the counts", () => {
  assert.equal(npyHeader(0, 1).length, NPY_HEADER_BYTES);
  assert.equal(npyHeader(Number.MAX_SAFE_INTEGER, 1e6).at(-1), "\n".charCodeAt(0));
});
