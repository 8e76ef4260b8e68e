import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNorm, conv, graphOf } from "../../../../test/support/graph-of.ts";
import { EngineError } from "../errors.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { tensor } from "../tensor.ts";
import { reference } from "./reference.ts";

const graph = graphOf([1, 1, 1], (b) => {
  const x = b.add(conv2d, "conv", [b.input], conv(1));
  return ["conv", b.add(batchNormalization, "bn", [x], batchNorm)];
});

const one = (value: number) => tensor([1], [value]);
const weights = {
  "conv/kernel": tensor([1, 1, 1, 1], [3]),
  "bn/gamma": one(2),
  "bn/beta": one(10),
  "bn/moving_mean": one(1),
  "bn/moving_variance": one(4 - batchNorm.epsilon),
};

test("computes every output asked for, for any batch", async () => {
  const executable = await reference.compile({ graph, weights });
  const [convolved, normalised] = await executable.run(tensor([3, 1, 1, 1], [1, 2, -1]));
  assert.deepEqual(convolved, tensor([3, 1, 1, 1], [3, 6, -3]));
  // (x - 1) / 2 * 2 + 10
  assert.deepEqual(normalised.shape, [3, 1, 1, 1]);
  for (const [i, value] of [12, 15, 6].entries()) assert.ok(Math.abs(normalised.data[i] - value) < 1e-5);
});

test("refuses input of another shape, naming both", async () => {
  const executable = await reference.compile({ graph, weights });
  const refused = (error: unknown) =>
    error instanceof EngineError && /^small: input of shape .* expected \[n,1,1,1\]/.test(error.message);
  await assert.rejects(executable.run(tensor([1, 2, 1, 1])), refused);
  await assert.rejects(executable.run(tensor([0, 1, 1, 1])), refused);
  await assert.rejects(executable.run({ data: new Float32Array(3), shape: [1, 1, 1, 1] }), refused);
});

test("stops when told to, with the reason it was given", async () => {
  const executable = await reference.compile({ graph, weights });
  const reason = new Error("enough");
  await assert.rejects(executable.run(tensor([1, 1, 1, 1]), { signal: AbortSignal.abort(reason) }), reason);
});

test("does not run after dispose(), which may be called twice", async () => {
  const executable = await reference.compile({ graph, weights });
  executable.dispose();
  executable.dispose();
  await assert.rejects(executable.run(tensor([1, 1, 1, 1])), EngineError);
});

test("names a weight it was not given", async () => {
  const { "bn/beta": _, ...rest } = weights;
  const executable = await reference.compile({ graph, weights: rest });
  await assert.rejects(executable.run(tensor([1, 1, 1, 1])), /no value for "bn\/beta"/);
});
