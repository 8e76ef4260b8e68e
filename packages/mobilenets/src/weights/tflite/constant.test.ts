import assert from "node:assert/strict";
import { test } from "node:test";
import { constantOf } from "./constant.ts";
import type { TfliteTensor } from "./model.ts";

const bytes = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const stored = (shape: number[], type: TfliteTensor["type"], data: ArrayBufferView): TfliteTensor => ({
  name: "t",
  shape,
  type,
  data: bytes(data),
});

test("floats and plain integers are what they are", () => {
  assert.deepEqual([...constantOf(stored([2], "float32", Float32Array.of(1.5, -2)), "f").data], [1.5, -2]);
  assert.deepEqual([...constantOf(stored([2], "float16", Uint16Array.of(0x3c00, 0xc000)), "f").data], [1, -2]);
  assert.deepEqual([...constantOf(stored([2], "int32", Int32Array.of(-1, 1001)), "f").data], [-1, 1001]);
  assert.deepEqual([...constantOf(stored([2], "int64", BigInt64Array.of(-1n, 2n)), "f").data], [-1, 2]);
  assert.deepEqual([...constantOf(stored([], "int16", Int16Array.of(-300)), "f").data], [-300]);
});

test("bytes may lie at any address", () => {
  const file = Uint8Array.of(9, ...bytes(Float32Array.of(0.25)));
  const tensor: TfliteTensor = { name: "t", shape: [1], type: "float32", data: file.subarray(1) };
  assert.deepEqual([...constantOf(tensor, "f").data], [0.25]);
});

test("one scale for the whole tensor, with a zero point", () => {
  const quantisation = { type: "uint8", scales: [0.5], zeroPoints: [128], axis: 0 } as const;
  const tensor = { ...stored([2, 2], "uint8", Uint8Array.of(0, 127, 128, 255)), quantisation };
  assert.deepEqual([...constantOf(tensor, "f").data], [-64, -0.5, 0, 63.5]);
});

test("a scale for each index along an axis: the first, the middle, the last", () => {
  const data = Int8Array.from({ length: 8 }, (_, i) => i - 4);
  for (const [axis, factors] of [
    [0, [1, 1, 1, 1, 10, 10, 10, 10]],
    [1, [1, 1, 10, 10, 1, 1, 10, 10]],
    [2, [1, 10, 1, 10, 1, 10, 1, 10]],
  ] as const) {
    const quantisation = { type: "int8", scales: [1, 10], zeroPoints: [0, 0], axis } as const;
    const { data: values } = constantOf({ ...stored([2, 2, 2], "int8", data), quantisation }, "f");
    assert.deepEqual(
      [...values],
      factors.map((factor, i) => (i - 4) * factor),
      `axis ${axis}`,
    );
  }
});

test("refuses bytes and scales that do not fit the shape", () => {
  const tensor = stored([3], "float32", Float32Array.of(1, 2));
  assert.throws(() => constantOf(tensor, "f"), /^WeightsError: f: t: 8 bytes, expected 12 for float32 \[3\]/);
  assert.throws(() => constantOf({ ...tensor, data: undefined }, "f"), /t: 0 bytes, expected 12/);
  assert.throws(() => constantOf(stored([-1, -2], "float32", Float32Array.of(1, 2)), "f"), /expected 8 for float32/);
  const quantisation = { type: "int8", scales: [1, 2], zeroPoints: [0, 0], axis: 1 } as const;
  const quantised = { ...stored([2, 3], "int8", new Int8Array(6)), quantisation };
  assert.throws(
    () => constantOf(quantised, "f"),
    /2 scales along axis 1 of \[2,3\], expected 1, or one for each index/,
  );
});
