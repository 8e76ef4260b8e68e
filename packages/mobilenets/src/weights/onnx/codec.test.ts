import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, loadWire, type Message } from "./codec.ts";

const wire = await loadWire("test");

const inner: Message = { 1: { name: "a", kind: "int" } };
const message: Message = {
  1: { name: "a", kind: "int" },
  2: { name: "b", kind: "string" },
  3: { name: "c", kind: inner },
  4: { name: "d", kind: "int", repeated: true },
  5: { name: "e", kind: "float" },
  6: { name: "f", kind: "bytes" },
  7: { name: "g", kind: inner, repeated: true },
  8: { name: "h", kind: "double", repeated: true },
};

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const read = (hex: string) => decode(wire, message, bytes(hex));
const empty = { d: [], g: [], h: [] };

test("reads the examples of Protocol Buffers' own description of its encoding", () => {
  assert.deepEqual(read("08 96 01"), { ...empty, a: 150 });
  assert.deepEqual(read("12 07 74 65 73 74 69 6e 67"), { ...empty, b: "testing" });
  assert.deepEqual(read("1a 03 08 96 01"), { ...empty, c: { a: 150 } });
  assert.deepEqual(read("22 06 03 8e 02 9e a7 05"), { ...empty, d: [3, 270, 86942] });
});

test("takes lists packed, one by one, and both at once", () => {
  assert.deepEqual(read("20 03 20 8e 02"), { ...empty, d: [3, 270] });
  assert.deepEqual(read("20 03 22 01 04 20 05"), { ...empty, d: [3, 4, 5] });
  assert.deepEqual(read("22 00"), empty);
});

test("takes negative integers, the last of two values, and passes over what it does not know", () => {
  assert.deepEqual(read("08 ff ff ff ff ff ff ff ff ff 01"), { ...empty, a: -1 });
  assert.deepEqual(read("08 01 08 02"), { ...empty, a: 2 });
  // Field 15 as a varint, 8 bytes, a string and 4 bytes.
  assert.deepEqual(read("78 05 79 0102030405060708 7a 02 ffff 7d 01020304 08 07"), { ...empty, a: 7 });
});

test("what is written is read again", () => {
  const values = {
    a: -5,
    b: "größer",
    c: { a: 2 ** 40 },
    d: [0, -1, 300],
    e: 0.5,
    f: Uint8Array.of(1, 0, 255),
    g: [{ a: 1 }, {}],
    h: [1e300, -0.1],
  };
  assert.deepEqual(decode(wire, message, encode(wire, message, values)), values);
  assert.deepEqual(encode(wire, message, { a: 150, d: [3, 270, 86942] }), bytes("08 96 01 22 06 03 8e 02 9e a7 05"));
});

test("refuses what is cut short, too long, of another type, or a group", () => {
  for (const [hex, reason] of [
    ["08", /index out of range/],
    ["08 ff", /index out of range/],
    ["12 07 74 65", /index out of range/],
    ["1a ff ff ff ff 0f 00", /a value of 4294967295 bytes where 1 are left/],
    ["1a 02 08 96 01", /longer than what holds it/],
    ["22 02 03 8e 02", /ends within a number/],
    ["0d 00 00 00 00", /field "a" has wire type 5/],
    ["0b 0c", /field "a" has wire type 3/],
    ["7b 7c", /wire type 3/],
  ] as const) {
    assert.throws(() => read(hex), reason, hex);
  }
});

test("a small file of very many values is refused before it fills the memory", () => {
  const many = new Uint8Array(2_000_000);
  for (let i = 0; i < many.length; i += 2) many[i] = (7 << 3) | 2;
  assert.throws(() => decode(wire, message, many), /more than 500000 values/);
});
