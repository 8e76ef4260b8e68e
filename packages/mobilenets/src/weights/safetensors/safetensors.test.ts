import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import type { Tensor, TensorData } from "../../tensor.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const golden = new URL("../../../../../test/golden/safetensors/", import.meta.url);
const expected: Record<string, Record<string, { shape: number[]; values: string[] }>> = JSON.parse(
  readFileSync(new URL("expected.json", golden), "utf8"),
);
// Uint8Array.from copies out of Buffer's pool, to offset 0 of its own memory.
const goldenBytes = (name: string) => Uint8Array.from(readFileSync(new URL(`${name}.safetensors`, golden)));

function assertGolden(tensors: Record<string, Tensor<TensorData>>, name: string): void {
  assert.deepEqual(Object.keys(tensors).sort(), Object.keys(expected[name]).sort());
  for (const [key, { shape, values }] of Object.entries(expected[name])) {
    assert.deepEqual(tensors[key].shape, shape, key);
    const { data } = tensors[key];
    const parse: (text: string) => number | bigint = data instanceof BigInt64Array ? BigInt : Number;
    assert.deepEqual([...data], values.map(parse), key);
  }
}

test("reads what the Python library wrote: every native dtype, a scalar, an empty tensor, metadata", () => {
  const { tensors, metadata } = readSafetensors(goldenBytes("native"));
  assertGolden(tensors, "native");
  assert.deepEqual(metadata, { format: 'np "1"\n' });
  const types = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data.constructor]));
  assert.deepEqual(types, {
    i64: BigInt64Array,
    'größe "1"': Float64Array,
    "conv1/bias": Float32Array,
    "conv1/kernel": Float32Array,
    empty: Float32Array,
    scalar: Float32Array,
    i32: Int32Array,
    u16: Uint16Array,
    i16: Int16Array,
    i8: Int8Array,
    u8: Uint8Array,
  });
});

test("widens the Python library's float16 and bfloat16 to float32", () => {
  const { tensors } = readSafetensors(goldenBytes("half"));
  assertGolden(tensors, "half");
  assert.ok(tensors.f16.data instanceof Float32Array && tensors.bf16.data instanceof Float32Array);
});

test("writes the very bytes that the Python library writes, whatever the order of the tensors", () => {
  const bytes = goldenBytes("native");
  const { tensors, metadata } = readSafetensors(bytes);
  assert.deepEqual(writeSafetensors(tensors, metadata), bytes);
  assert.deepEqual(writeSafetensors(Object.fromEntries(Object.entries(tensors).reverse()), metadata), bytes);
});

test("gives views of aligned data and copies of the rest", () => {
  const bytes = goldenBytes("native");
  for (const { data } of Object.values(readSafetensors(bytes).tensors)) assert.equal(data.buffer, bytes.buffer);
  for (let shift = 1; shift < 8; shift++) {
    const shifted = new Uint8Array(bytes.length + 8).subarray(shift, shift + bytes.length);
    shifted.set(bytes);
    const { tensors } = readSafetensors(shifted);
    assertGolden(tensors, "native");
    assert.equal(tensors.i8.data.buffer, shifted.buffer);
    assert.equal(tensors.i32.data.buffer === shifted.buffer, shift % 4 === 0);
  }
});

test("a Buffer and shared memory read alike", () => {
  const bytes = goldenBytes("native");
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  assertGolden(readSafetensors(shared).tensors, "native");
  assertGolden(readSafetensors(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)).tensors, "native");
});

test("starts the data at a multiple of 8 bytes, padding the header with spaces", () => {
  // {"":{"dtype":"F32","shape":[],"data_offsets":[0,4]}} has 52 bytes: with a name of 4 letters it needs no padding.
  for (let letters = 0; letters < 12; letters++) {
    const bytes = writeSafetensors({ ["x".repeat(letters)]: { data: Float32Array.of(1), shape: [] } });
    const padding = (12 - letters) % 8;
    assert.equal(bytes.length, 8 + 52 + letters + padding + 4);
    assert.equal(new TextDecoder().decode(bytes.subarray(-4 - padding - 1, -4)), `}${" ".repeat(padding)}`);
  }
});

test("metadata is written in order of its keys; an empty file is a file", () => {
  assert.deepEqual(writeSafetensors({}, { b: "2", a: "1" }), writeSafetensors({}, { a: "1", b: "2" }));
  assert.deepEqual(readSafetensors(writeSafetensors({})), { tensors: {}, metadata: {} });
});

test("refuses to write what could not be read back", () => {
  const one = { data: Float32Array.of(1), shape: [1] };
  const refused = (write: () => unknown, message: RegExp) =>
    assert.throws(write, (error) => error instanceof WeightsError && message.test(error.message));
  refused(
    () => writeSafetensors({ a: { ...one, shape: [2, 3] } }),
    /tensor "a": 1 elements, expected 6 for shape \[2,3\]/,
  );
  refused(() => writeSafetensors({ __metadata__: one }), /the name of the format's metadata/);
  refused(() => writeSafetensors(JSON.parse('{"__proto__":0}')), /the name "__proto__"/);
  refused(
    () => writeSafetensors({}, { constructor: "x" } as unknown as Record<string, string>),
    /the name "constructor"/,
  );
});

/** A file with this header (JSON text or bytes) and `dataBytes` of data. */
function file(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}
const info = (shape: unknown, offsets: unknown, dtype: unknown = "F32") =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

const malformed: [name: string, bytes: Uint8Array, message: string][] = [
  ["no bytes", new Uint8Array(0), "a file of 0 bytes, expected at least 8, the length of the header"],
  ["7 bytes", new Uint8Array(7), "a file of 7 bytes"],
  [
    "another format",
    new TextEncoder().encode("<!DOCTYPE html><html>"),
    "a header of 5789751444030890300 bytes, expected at most 100000000: is this a safetensors file?",
  ],
  [
    "a header past the end",
    file("{}").subarray(0, 9),
    "a header of 2 bytes in a file with 1 left, expected the whole header: is the file complete?",
  ],
  ["an empty header", file(""), "a header that is not acceptable JSON"],
  ["not UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d)), "a header that is not UTF-8"],
  ["a byte order mark", file(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)), "a header that is not acceptable JSON"],
  ["not JSON", file("{'a':1}"), "a header that is not acceptable JSON"],
  ["an array", file("[]"), "the header [], expected a JSON object"],
  ["null", file("null"), "the header null, expected a JSON object"],
  ["deep nesting", file('{"a":[[[[0]]]]}'), "nested deeper than 3 levels"],
  ["a tensor twice", file(`{"a":${info([1], [0, 4])},"\\u0061":${info([1], [4, 8])}}`, 8), 'key "a" given twice'],
  ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}'), 'key "__metadata__" given twice'],
  [
    "a shape twice",
    file('{"a":{"dtype":"U8","shape":[],"shape":[1],"data_offsets":[0,1]}}', 1),
    'key "shape" given twice',
  ],
  [
    "__proto__",
    file(`{"__proto__":${info([1], [0, 4])}}`, 4),
    'the name "__proto__", expected a name that no JavaScript object has',
  ],
  ["constructor", file(`{"constructor":${info([1], [0, 4])}}`, 4), 'the name "constructor"'],
  ["__proto__ in metadata", file('{"__metadata__":{"__proto__":"x"}}'), '__metadata__: the name "__proto__"'],
  ["metadata that is text", file('{"__metadata__":"x"}'), '__metadata__ is "x", expected an object of strings'],
  ["metadata that is a number", file('{"__metadata__":{"epoch":3}}'), '"epoch" is 3, expected a string'],
  [
    "a tensor that is a number",
    file('{"a":1}'),
    'tensor "a": is 1, expected an object with dtype, shape and data_offsets',
  ],
  [
    "no dtype",
    file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4),
    'tensor "a": has dtype undefined, expected one of I64, F64, F32',
  ],
  [
    "an unknown dtype",
    file(`{"a":${info([1], [0, 4], "F31")}}`, 4),
    'tensor "a": has dtype "F31", expected one of I64, F64, F32',
  ],
  ["a dtype of 128 bits", file(`{"a":${info([1], [0, 16], "C128")}}`, 16), 'has dtype "C128", expected one of'],
  [
    "no shape",
    file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4),
    "has shape undefined, expected an array of whole numbers",
  ],
  [
    "a negative size",
    file(`{"a":${info([-1, -1], [0, 4])}}`, 4),
    "has shape [-1,-1], expected an array of whole numbers from 0 up",
  ],
  ["half a size", file(`{"a":${info([0.5, 2], [0, 4])}}`, 4), "has shape [0.5,2]"],
  ["a size in quotes", file(`{"a":${info(["1"], [0, 4])}}`, 4), 'has shape ["1"]'],
  ["a size past 2^53", file('{"a":{"dtype":"U8","shape":[1e400],"data_offsets":[0,4]}}', 4), "has shape [null]"],
  [
    "sizes whose product overflows",
    file(`{"a":${info([2 ** 27, 2 ** 27, 0], [0, 0])}}`),
    "has shape [134217728,134217728,0], expected no more elements than a file can hold",
  ],
  ["one offset", file(`{"a":${info([1], [0])}}`, 4), "has data_offsets [0], expected two whole numbers"],
  ["a negative offset", file(`{"a":${info([1], [-4, 0])}}`, 4), "has data_offsets [-4,0], expected two whole numbers"],
  [
    "offsets out of order",
    file(`{"a":${info([1], [4, 0])}}`, 4),
    "has data_offsets [4,0], expected the end not before the beginning",
  ],
  [
    "too few bytes for the shape",
    file(`{"a":${info([2, 3], [0, 20])}}`, 20),
    "has 20 bytes of data, expected 24 for F32 of shape [2,3]",
  ],
  [
    "too many bytes for the shape",
    file(`{"a":${info([], [0, 8])}}`, 8),
    "has 8 bytes of data, expected 4 for F32 of shape []",
  ],
  [
    "overlapping tensors",
    file(`{"b":${info([2], [4, 12])},"a":${info([2], [0, 8])}}`, 12),
    'tensor "b": overlaps tensor "a" (it begins at byte 4), expected byte 8',
  ],
  [
    "two tensors in one place",
    file(`{"a":${info([1], [0, 4])},"b":${info([1], [0, 4])}}`, 4),
    'tensor "b": overlaps tensor "a"',
  ],
  [
    "a gap in front",
    file(`{"a":${info([1], [4, 8])}}`, 8),
    'tensor "a": leaves a gap after the start of the data (it begins at byte 4), expected byte 0',
  ],
  [
    "a gap between",
    file(`{"a":${info([1], [0, 4])},"b":${info([1], [8, 12])}}`, 12),
    'tensor "b": leaves a gap after tensor "a"',
  ],
  ["offsets out of range", file(`{"a":${info([1], [1e15, 1e15 + 4])}}`, 4), "leaves a gap after the start of the data"],
  ["a truncated file", file(`{"a":${info([2], [0, 8])}}`, 7), "a truncated file: 7 bytes of data, expected 8"],
  [
    "an oversized file",
    file(`{"a":${info([2], [0, 8])}}`, 9),
    "an oversized file: 1 bytes after the last tensor, expected none",
  ],
  ["data without tensors", file("{}", 3), "an oversized file: 3 bytes after the last tensor"],
  ["a very long name", file(`{"${"a\\u001b".repeat(1000)}":1}`), "…: is 1, expected an object"],
];

for (const [name, bytes, message] of malformed) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => readSafetensors(bytes, "x.safetensors"),
      (error) => {
        assert.ok(error instanceof WeightsError, String(error));
        assert.ok(error.message.startsWith("x.safetensors: "), error.message);
        assert.ok(error.message.includes(message), error.message);
        assert.ok(error.message.length < 300 && !error.message.includes("\u001b"), error.message);
        return true;
      },
    );
  });
}

test("no prefix of a good file is accepted, and every one is a WeightsError", () => {
  const bytes = goldenBytes("native");
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => readSafetensors(bytes.subarray(0, length)), WeightsError);
  }
});

test("a good file with any one byte of its header changed is read, or is a WeightsError", () => {
  const bytes = goldenBytes("half");
  for (let at = 0; at < bytes.length - 31; at++) {
    for (const value of [0, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5c, 0x7b, 0x7d, 0xff]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = value;
      try {
        readSafetensors(changed);
      } catch (error) {
        assert.ok(error instanceof WeightsError, `byte ${at} = ${value}: ${error}`);
      }
    }
  }
});
