import assert from "node:assert/strict";
import { test } from "node:test";
import { dataTypes } from "./value-type.ts";

for (const [name, { bytes, min, max, integer, array }] of Object.entries(dataTypes)) {
  test(`${name}: bytes, range and array agree`, () => {
    const numbers = new array(2) as Int8Array;
    assert.equal(numbers.BYTES_PER_ELEMENT, bytes);
    assert.equal(name.endsWith(`${8 * bytes}`), true);
    // Arrays of 16-bit floats hold their bits.
    if (!integer && bytes === 2) return;
    numbers.set([min, max]);
    assert.deepEqual([...numbers], [min, max]);
    numbers.set(integer ? [min - 1, max + 1] : [min * 1.000001, max * 1.000001]);
    const beyond = integer ? [max, min] : [-Infinity, Infinity];
    assert.deepEqual([...numbers], beyond);
  });
}
