import assert from "node:assert/strict";
import { test } from "node:test";
import { widenBfloat16, widenFloat16 } from "./half.ts";

// Bit patterns and values from IEEE 754-2008 (binary16) and the definition of bfloat16.
test("float16 widens exactly: normals, subnormals, signed zeros, extremes", () => {
  const cases: [number, number][] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x83ff, -0.00006097555160522461],
    [0x0400, 0.00006103515625],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1.0009765625],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ];
  const widened = widenFloat16(Uint16Array.from(cases.map(([bits]) => bits)));
  assert.deepEqual(
    [...widened],
    cases.map(([, value]) => value),
  );
  assert.ok(widenFloat16(Uint16Array.of(0x7e00, 0xfc01)).every(Number.isNaN));
});

test("bfloat16 widens exactly", () => {
  const widened = widenBfloat16(Uint16Array.of(0x3f80, 0xc049, 0x8000, 0x7f7f, 0xff80, 0x0001));
  assert.deepEqual([...widened], [1, -3.140625, -0, 3.3895313892515355e38, Number.NEGATIVE_INFINITY, 2 ** -133]);
  assert.ok(Number.isNaN(widenBfloat16(Uint16Array.of(0x7fc0))[0]));
});
