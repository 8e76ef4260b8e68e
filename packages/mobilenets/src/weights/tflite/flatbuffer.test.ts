import assert from "node:assert/strict";
import { test } from "node:test";
import { Builder, ByteBuffer } from "flatbuffers";
import { WeightsError } from "../../errors.ts";
import { Table } from "./flatbuffer.ts";

/** A table with a byte, an int, a float, a text, three ints, a table with an int, two such tables, and a long. */
function example(): Uint8Array {
  const b = new Builder(64);
  const child = (n: number) => {
    b.startObject(1);
    b.addFieldInt32(0, n, 0);
    return b.endObject();
  };
  const text = b.createString("näme");
  const children = [7, 8].map(child);
  b.startVector(4, 3, 4);
  for (const n of [3, -2, 1]) b.addInt32(n);
  const ints = b.endVector();
  b.startVector(4, 2, 4);
  for (const at of [...children].reverse()) b.addOffset(at);
  const tables = b.endVector();
  b.startVector(8, 2, 8);
  for (const n of [2n ** 60n, -5n]) b.addInt64(n);
  const longs = b.endVector();
  b.startVector(4, 1, 4);
  b.addFloat32(0.25);
  const floats = b.endVector();
  b.startObject(9);
  b.addFieldInt8(0, -3, 0);
  b.addFieldInt32(1, 70000, 0);
  b.addFieldFloat32(2, 1.5, 0);
  b.addFieldOffset(3, text, 0);
  b.addFieldOffset(4, ints, 0);
  b.addFieldOffset(5, children[0], 0);
  b.addFieldOffset(6, tables, 0);
  b.addFieldOffset(7, longs, 0);
  b.addFieldOffset(8, floats, 0);
  b.finish(b.endObject());
  return b.asUint8Array();
}

const root = (bytes: Uint8Array) => Table.root(new ByteBuffer(bytes), "f");

test("reads what the library wrote", () => {
  const t = root(example());
  assert.deepEqual([t.int8(0), t.uint8(0), t.int32(1), t.uint32(1), t.float32(2)], [-3, 253, 70000, 70000, 1.5]);
  assert.equal(t.text(3), "näme");
  assert.deepEqual(t.int32s(4, 3), [1, -2, 3]);
  assert.equal(t.table(5)?.int32(0), 7);
  const list = t.tables(6);
  assert.deepEqual([list.length, list.at(0).int32(0), list.at(1).int32(0)], [2, 7, 8]);
  assert.deepEqual(t.float32s(8, 1), [0.25]);
  assert.deepEqual([...t.bytes(3)], [...new TextEncoder().encode("näme")]);
});

test("fields that are left out have their default, or are empty", () => {
  const t = root(example());
  assert.deepEqual([t.int8(20, 4), t.int32(21), t.float32(22, 0.5), t.text(23)], [4, 0, 0.5, ""]);
  assert.deepEqual([t.table(24), t.tables(25).length, t.int32s(26, 0), t.bytes(27).length], [undefined, 0, [], 0]);
});

test("refuses lists that are longer than they may be, and integers that numbers cannot hold", () => {
  const t = root(example());
  assert.throws(() => t.int32s(4, 2), /^WeightsError: f: a list of 3, expected at most 2/);
  assert.throws(() => t.int64s(7, 2), /the integer 11529\d+, expected one below 2\^53/);
});

test("no cut and no wrong offset is followed beyond the file", () => {
  const whole = example();
  const readAll = (bytes: Uint8Array) => {
    const t = root(bytes);
    t.text(3);
    t.int32s(4, 100);
    t.table(5)?.int32(0);
    const list = t.tables(6);
    for (let i = 0; i < Math.min(list.length, 100); i++) list.at(i).int32(0);
    t.float32s(8, 100);
  };
  readAll(whole);
  let refused = 0;
  const attempt = (bytes: Uint8Array) => {
    try {
      readAll(bytes);
    } catch (error) {
      assert.ok(error instanceof WeightsError, `${error}`);
      refused++;
    }
  };
  for (let length = 0; length < whole.length; length++) attempt(whole.slice(0, length));
  // The file ends in up to three bytes of padding.
  assert.ok(refused >= whole.length - 3);
  for (let at = 0; at < whole.length; at += 4) {
    for (const value of [0xffffffff, 0x7fffffff, 0x80000000, whole.length, 1 << 20]) {
      const bytes = whole.slice();
      new DataView(bytes.buffer).setUint32(at, value, true);
      attempt(bytes);
    }
  }
  assert.ok(refused > whole.length + 40, `${refused}`);
});
