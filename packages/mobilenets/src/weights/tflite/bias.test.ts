import assert from "node:assert/strict";
import { test } from "node:test";
import { withBiasScale } from "./bias.ts";
import type { Operator, TfliteModel, TfliteTensor } from "./model.ts";

const scaled = (type: "int8" | "int16", scales: readonly number[]): TfliteTensor => {
  return { name: type, shape: [2], type, quantisation: { type, scales, zeroPoints: scales.map(() => 0), axis: 0 } };
};
const bias: TfliteTensor = { name: "bias", shape: [2], type: "int64" };
const conv: Operator = { op: "CONV_2D", inputs: [0, 1, 2], outputs: [3] };

function scalesOf(
  tensors: readonly TfliteTensor[],
  operator = conv,
  notes = new Set<string>(),
): readonly number[] | undefined {
  const model = { tensor: (i: number) => tensors[i] } as TfliteModel;
  return withBiasScale(model, operator, 2, tensors[2], "f", notes).quantisation?.scales;
}

test("a bias without a scale has the input's times the kernel's, for each channel", () => {
  const input = scaled("int16", [0.5]);
  assert.deepEqual(scalesOf([input, scaled("int8", [0.25, 2]), bias]), [0.125, 1]);
  assert.deepEqual(scalesOf([input, scaled("int8", [0.25]), bias]), [0.125]);
  assert.deepEqual(scalesOf([input, scaled("int8", [0.25]), bias], { ...conv, op: "FULLY_CONNECTED" }), [0.125]);
});

test("a bias that has a scale, or is of reals, stays as it is", () => {
  const input = scaled("int16", [0.5]);
  assert.deepEqual(scalesOf([input, scaled("int8", [0.25]), { ...bias, ...scaled("int16", [3]) }]), [3]);
  assert.equal(scalesOf([input, scaled("int8", [0.25]), { ...bias, type: "float32" }]), undefined);
});

test("a bias with the scale of another sum, as a converter shares equal ones, is said", () => {
  const input = scaled("int16", [0.5]);
  const notesOn = (kernel: readonly number[], own: readonly number[]) => {
    const notes = new Set<string>();
    scalesOf([input, scaled("int8", kernel), { ...bias, ...scaled("int16", own) }], conv, notes);
    return [...notes];
  };
  assert.deepEqual(notesOn([0.25, 2], [0.125, 1]), []);
  assert.deepEqual(notesOn([0.25, 2], [0.125, 1.001]), []);
  assert.match(notesOn([0.25, 2], [0.125, 0.5]).join(), /read by their own scales/);
  assert.equal(notesOn([0.25], [3]).length, 1);
});

test("integers whose scale nothing tells are refused", () => {
  const plain: TfliteTensor = { name: "x", shape: [2], type: "int8" };
  const expected = /^WeightsError: f: "bias" holds int64 without a scale, expected floats, or integers with a scale/;
  assert.throws(() => scalesOf([plain, scaled("int8", [1]), bias]), expected);
  assert.throws(() => scalesOf([scaled("int16", [1]), plain, bias]), expected);
});
