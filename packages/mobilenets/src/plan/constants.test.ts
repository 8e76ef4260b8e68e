import assert from "node:assert/strict";
import { test } from "node:test";
import type { Weights } from "../graph/graph.ts";
import { f32Dwconv, f32Gemm, type PanelGeometry, panelBytes } from "../kernels/geometry.ts";
import { tensor } from "../tensor.ts";
import { bytesOfConstant, type Constant, packConstant } from "./constants.ts";

const weights = {
  // 2 channels by 3 filters.
  pointwise: tensor([1, 1, 2, 3], [11, 12, 13, 21, 22, 23]),
  bias: tensor([3], [1, 2, 3]),
  // 1x2 taps of 1 channel to 9 filters: tap 0 is 1 to 9, tap 1 is 11 to 19.
  wide: tensor([1, 2, 1, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
  // 1x2 taps of 5 channels.
  depthwise: tensor([1, 2, 5, 1], [1, 2, 3, 4, 5, 11, 12, 13, 14, 15]),
  depthwiseBias: tensor([5], [101, 102, 103, 104, 105]),
  gamma: tensor([5], [2, 6, 1, 1, 1]),
  beta: tensor([5], [100, 200, 0, 0, 0]),
  mean: tensor([5], [4, 8, 0, 0, 7]),
  // Square roots with epsilon: 1, 2, 1, 1, 1.
  variance: tensor([5], [0.75, 3.75, 0.75, 0.75, 0.75]),
};

function packed(constant: Constant, values: Weights): number[] {
  const out = new Float32Array(bytesOfConstant(constant) / 4);
  packConstant(constant, values, new Uint8Array(out.buffer));
  return [...out];
}

function pack(constant: Constant): number[] {
  return packed(constant, weights);
}

test("a convolution's panel: 8 biases, then 8 filters per channel", () => {
  const shape = [1, 1, 2, 3] as const;
  assert.deepEqual(
    pack({ kind: "panels", geometry: f32Gemm, kernel: "pointwise", bias: "bias", shape }),
    [
      [1, 2, 3, 0, 0, 0, 0, 0],
      [11, 12, 13, 0, 0, 0, 0, 0],
      [21, 22, 23, 0, 0, 0, 0, 0],
    ].flat(),
  );
  assert.equal(panelBytes(f32Gemm, shape), 4 * 3 * 8);
});

test("more than 8 filters take further panels, each with all taps", () => {
  assert.deepEqual(
    pack({ kind: "panels", geometry: f32Gemm, kernel: "wide", bias: null, shape: [1, 2, 1, 9] }),
    [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 2, 3, 4, 5, 6, 7, 8],
      [11, 12, 13, 14, 15, 16, 17, 18],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [9, 0, 0, 0, 0, 0, 0, 0],
      [19, 0, 0, 0, 0, 0, 0, 0],
    ].flat(),
  );
});

test("a depthwise window: per 8 channels their biases, then 8 weights per tap", () => {
  const shape = [1, 2, 1, 5] as const;
  assert.deepEqual(
    pack({ kind: "panels", geometry: f32Dwconv, kernel: "depthwise", bias: "depthwiseBias", shape }),
    [
      [101, 102, 103, 104, 105, 0, 0, 0],
      [1, 2, 3, 4, 5, 0, 0, 0],
      [11, 12, 13, 14, 15, 0, 0, 0],
    ].flat(),
  );
  assert.deepEqual(
    pack({ kind: "panels", geometry: f32Dwconv, kernel: "depthwise", bias: null, shape }).slice(0, 8),
    [0, 0, 0, 0, 0, 0, 0, 0],
  );
});

test("scales multiply each output channel while it is packed", () => {
  const scaled = (name: keyof typeof weights, ...scales: number[]) => ({
    ...weights,
    [name]: { ...weights[name], scales: Float64Array.from(scales) },
  });
  const gemm = { kind: "panels", geometry: f32Gemm, kernel: "pointwise", bias: "bias", shape: [1, 1, 2, 3] } as const;
  assert.deepEqual(
    packed(gemm, scaled("pointwise", 10, 100, 0.5)),
    [
      [1, 2, 3, 0, 0, 0, 0, 0],
      [110, 1200, 6.5, 0, 0, 0, 0, 0],
      [210, 2200, 11.5, 0, 0, 0, 0, 0],
    ].flat(),
  );
  // The kernel is stored as 2 filters of 3 channels each, and scaled in that form.
  const transposed = {
    kind: "panels",
    geometry: f32Gemm,
    kernel: "pointwise",
    bias: null,
    shape: [1, 1, 3, 2],
    turned: true,
  } as const;
  assert.deepEqual(
    packed(transposed, scaled("pointwise", 10, 100, 0.5)),
    [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [110, 210, 0, 0, 0, 0, 0, 0],
      [1200, 2200, 0, 0, 0, 0, 0, 0],
      [6.5, 11.5, 0, 0, 0, 0, 0, 0],
    ].flat(),
  );
  const depthwise = {
    kind: "panels",
    geometry: f32Dwconv,
    kernel: "depthwise",
    bias: null,
    shape: [1, 2, 1, 5],
  } as const;
  assert.deepEqual(
    packed(depthwise, scaled("depthwise", 1, 2, 3, 4, 5)),
    [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 4, 9, 16, 25, 0, 0, 0],
      [11, 24, 39, 56, 75, 0, 0, 0],
    ].flat(),
  );
});

test("a batch norm that stands alone: scale and shift", () => {
  const norm = { params: ["gamma", "beta", "mean", "variance"], epsilon: 0.25, channels: 5 } as const;
  assert.deepEqual(pack({ kind: "norm-scale", ...norm }), [2, 3, 1, 1, 1, 0, 0, 0]);
  assert.deepEqual(pack({ kind: "norm-shift", ...norm }), [100 - 4 * 2, 200 - 8 * 3, 0, 0, -7, 0, 0, 0]);
});

test("panels of bytes: biases in 32 bits, then four taps of each channel side by side, in each row of the window", () => {
  const geometry: PanelGeometry = {
    kernel: "qs8-gemm",
    dtype: "int8",
    sums: "int32",
    nr: 2,
    kr: 4,
    mr: { simd: 4, relaxed: 6 },
  };
  // A window of 2 rows of 1x5 taps, for 3 filters: filter f's tap t is 10 f + t in the first row, -(10 f + t) in the next.
  const numbers = [1, -1].flatMap((sign) =>
    [0, 1, 2, 3, 4].flatMap((tap) => [0, 1, 2].map((filter) => sign * (10 * filter + tap))),
  );
  const values = { kernel: tensor([2, 5, 1, 3], numbers), bias: tensor([3], [70000, -2, 3]) };
  const constant: Constant = { kind: "panels", geometry, kernel: "kernel", bias: "bias", shape: [2, 5, 1, 3] };
  const bytes = new Uint8Array(bytesOfConstant(constant)).fill(99);
  packConstant(constant, values, bytes);
  assert.equal(bytes.length, 2 * (2 * 4 + 2 * 8 * 2));
  assert.deepEqual([...new Int32Array(bytes.buffer, 0, 2)], [70000, -2]);
  const row = [
    [0, 1, 2, 3],
    [10, 11, 12, 13],
    [4, 0, 0, 0],
    [14, 0, 0, 0],
  ].flat();
  assert.deepEqual([...new Int8Array(bytes.buffer, 8, 32)], [...row, ...row.map((n) => -n + 0)]);
  assert.deepEqual([...new Int32Array(bytes.buffer, 40, 2)], [3, 0]);
  const last = [
    [20, 21, 22, 23],
    [0, 0, 0, 0],
    [24, 0, 0, 0],
    [0, 0, 0, 0],
  ].flat();
  assert.deepEqual([...new Int8Array(bytes.buffer, 48)], [...last, ...last.map((n) => -n + 0)]);
});
