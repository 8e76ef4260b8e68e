import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { ImageError } from "../errors.ts";
import { asPicture, hasPixels } from "./picture.ts";

function refused(pixels: unknown, message: RegExp) {
  assert.throws(
    () => asPicture(pixels as Parameters<typeof asPicture>[0], "cat.jpg"),
    (error: Error) =>
      error instanceof ImageError && error.message.startsWith("cat.jpg: ") && message.test(error.message),
  );
}

test("a picture that fits passes, sharing its data", () => {
  const data = new Uint8Array(12);
  assert.equal(asPicture({ data, width: 2, height: 2, channels: 3 }).data, data);
});

test("an ImageData is RGBA", () => {
  const data = new Uint8ClampedArray(24);
  assert.deepEqual(asPicture({ data, width: 3, height: 2 }), { data, width: 3, height: 2, channels: 4 });
});

test("bytes of another realm and Node's Buffer serve", () => {
  asPicture({ data: runInNewContext("new Uint8ClampedArray(4)"), width: 1, height: 1 });
  asPicture({ data: Buffer.alloc(3), width: 1, height: 1, channels: 3 });
});

test("what does not fit is refused", () => {
  const data = new Uint8Array(12);
  refused({ data, width: 2, height: 2 }, /12 bytes, expected 16 for 2x2 with 4 channels/);
  refused({ data, width: 2, height: 3, channels: 3 }, /12 bytes, expected 18/);
  refused({ data, width: 0, height: 3, channels: 3 }, /size 0x3/);
  refused({ data, width: 1.5, height: 8, channels: 1 }, /size 1.5x8/);
  refused({ data, width: Number.NaN, height: 8, channels: 1 }, /size NaNx8/);
  refused({ data, width: 6, height: 1, channels: 2 }, /2 channels, expected 1 \(grey\), 3 \(RGB\) or 4 \(RGBA\)/);
  refused({ data: new Float32Array(12), width: 2, height: 2, channels: 3 }, /data of type Float32Array/);
  refused({ data: Array(12).fill(0), width: 2, height: 2, channels: 3 }, /data of type Array/);
  refused({ data: new Int8Array(12), width: 2, height: 2, channels: 3 }, /data of type Int8Array/);
});

test("pixels are told from things to decode", () => {
  assert.ok(hasPixels({ data: new Uint8Array(1), width: 1, height: 1, channels: 1 }));
  for (const other of ["cat.jpg", new Uint8Array(4), new ArrayBuffer(4), new Blob([]), { width: 1, height: 1 }, null]) {
    assert.ok(!hasPixels(other));
  }
});
