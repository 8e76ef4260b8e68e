import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGradients } from "../../../../test/support/gradient-check.ts";
import { graphOf } from "../../../../test/support/graph-of.ts";
import { runOp } from "../../../../test/support/run-op.ts";
import { tensor } from "../tensor.ts";
import type { GraphBuilder } from "./builder.ts";
import { importedOps } from "./imported-ops.ts";
import { concatenate } from "./ops/concatenate.ts";
import { cropping2d } from "./ops/cropping2d.ts";
import { layerNormalization } from "./ops/layer_normalization.ts";
import { logSoftmax } from "./ops/log_softmax.ts";
import { normalizeRows } from "./ops/normalize_rows.ts";
import { pooling2d } from "./ops/pooling2d.ts";
import { resize2d } from "./ops/resize2d.ts";
import { unary } from "./ops/unary.ts";
import { unaryNames } from "./unary-functions.ts";

const head = (build: (b: GraphBuilder) => string) => graphOf([4, 5, 3], build);

test("gradients are those that differences give", () => {
  const positive = (b: GraphBuilder) => b.add(unary, "positive", [b.input], { function: "softplus" });
  for (const name of unaryNames) {
    checkGradients(
      head((b) => b.add(unary, "y", [name === "log" ? positive(b) : b.input], { function: name, alpha: 0.3 })),
      ["input"],
    );
  }
  checkGradients(
    head((b) => b.add(logSoftmax, "y", [b.input], {})),
    ["input"],
  );
  for (const kind of ["length", "variance"] as const) {
    checkGradients(
      head((b) => b.add(normalizeRows, "y", [b.input], { kind, epsilon: 1e-3 })),
      ["input"],
    );
  }
  checkGradients(
    head((b) => b.add(layerNormalization, "y", [b.input], { epsilon: 1e-3 })),
    ["input", "y/gamma", "y/beta"],
  );
  const twice = (b: GraphBuilder) => b.add(unary, "bent", [b.input], { function: "tanh" });
  checkGradients(
    head((b) => b.add(concatenate, "y", [twice(b), b.input], {})),
    ["input"],
  );
  const padding = { top: 1, bottom: 0, left: 2, right: 1 };
  checkGradients(
    head((b) => b.add(cropping2d, "y", [b.input], { padding })),
    ["input"],
  );
  for (const interpolation of ["nearest", "bilinear"] as const) {
    for (const [height, width] of [
      [7, 3],
      [2, 11],
    ]) {
      checkGradients(
        head((b) => b.add(resize2d, "y", [b.input], { height, width, interpolation })),
        ["input"],
      );
    }
  }
  for (const kind of ["average", "max"] as const) {
    const window = { kernelSize: [2, 3], strides: [2, 1], padding: "same" } as const;
    checkGradients(
      head((b) => b.add(pooling2d, "y", [b.input], { kind, ...window })),
      ["input"],
    );
  }
});

test("functions have the values that tables give", () => {
  const at = (name: (typeof unaryNames)[number], x: number, alpha?: number) =>
    runOp(unary, { function: name, alpha }, tensor([1], [x])).data[0];
  const close = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-6, `${found}`);
  // Expected values from PyTorch and SciPy in float64.
  close(at("gelu", 1), 0.8413447);
  close(at("gelu", -4), -0.00012669);
  close(at("gelu_tanh", 1), 0.841192);
  close(at("silu", -1), -0.2689414);
  close(at("mish", 1), 0.8650984);
  close(at("softplus", 0), Math.LN2);
  close(at("selu", -1), -1.1113307);
  close(at("elu", -1, 1), -0.6321206);
  close(at("leaky_relu", -1, 0.2), -0.2);
  close(at("log", 10), Math.LN10);
  assert.deepEqual([at("log", 0), at("log", -1)], [-Infinity, Number.NaN]);
});

test("a logarithm of the softmax is a number where the softmax is 0", () => {
  const { data } = runOp(logSoftmax, {}, tensor([2, 3], [0, -1000, 1, 3e38, -3e38, 3e38]));
  const sum = Math.log(1 + Math.exp(-1));
  const expected = [-1 - sum, -1001 - sum, -sum, -Math.LN2, -Infinity, -Math.LN2];
  data.forEach((y, i) => {
    assert.ok(y === expected[i] || Math.abs(y - expected[i]) < 1e-4, `${y}, expected ${expected[i]}`);
  });
});

test("windows of a pooling leave padding out", () => {
  const x = tensor([1, 2, 2, 1], [-4, -3, -2, -1]);
  const window = { kernelSize: [2, 2], strides: [1, 1], padding: "same" } as const;
  assert.deepEqual([...runOp(pooling2d, { kind: "max", ...window }, x).data], [-1, -1, -1, -1]);
  assert.deepEqual([...runOp(pooling2d, { kind: "average", ...window }, x).data], [-2.5, -2, -1.5, -1]);
});

test("a resize lies pixels at their centres", () => {
  const x = tensor([1, 1, 2, 1], [0, 4]);
  const to = (width: number, interpolation: "nearest" | "bilinear") => [
    ...runOp(resize2d, { height: 1, width, interpolation }, x).data,
  ];
  assert.deepEqual(to(4, "bilinear"), [0, 1, 3, 4]);
  assert.deepEqual(to(3, "nearest"), [0, 4, 4]);
});

test("attributes that a file made up are refused", () => {
  const refused = (op: { check?(attrs: never, inputs: number): void }, attrs: object, inputs = 1) =>
    assert.throws(() => op.check?.(attrs as never, inputs), { name: "GraphError" });
  refused(unary, { function: "constructor" });
  refused(unary, { function: "elu", alpha: Number.NaN });
  refused(concatenate, {}, 1);
  refused(pooling2d, { kind: "min", kernelSize: [2, 2], strides: [2, 2], padding: "same" });
  const deep = { top: 2, bottom: 0, left: 0, right: 0 };
  refused(pooling2d, { kind: "max", kernelSize: [2, 2], strides: [2, 2], padding: deep });
  refused(normalizeRows, { kind: "length", epsilon: -1 });
  refused(resize2d, { height: 0, width: 3, interpolation: "nearest" });
  refused(resize2d, { height: 3, width: 3, interpolation: "bicubic" });
  refused(cropping2d, { padding: 3 });
  assert.ok(Object.values(importedOps).length > 10);
});
