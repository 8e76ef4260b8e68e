import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGraph } from "../models/networks.ts";
import { exampleAccuracy, exampleLoss, lastActivation } from "./score.ts";

const f = (...values: number[]) => Float32Array.from(values);
const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-6, `${found}, not ${expected}`);

test("losses of one example, from probabilities and from logits", () => {
  near(exampleLoss(f(0.25, 0.75), f(0, 1), "softmax_cross_entropy", "softmax"), -Math.log(0.75));
  near(exampleLoss(f(0, Math.log(3)), f(0, 1), "softmax_cross_entropy", "linear"), -Math.log(0.75));
  near(exampleLoss(f(0.5, 0.5), f(0.1, 0.9), "softmax_cross_entropy", "softmax"), Math.log(2));
  near(exampleLoss(f(1, 0), f(0, 1), "softmax_cross_entropy", "softmax"), -Math.log(1e-7));
  near(exampleLoss(f(0.9, 0.2), f(1, 0), "sigmoid_cross_entropy", "sigmoid"), -(Math.log(0.9) + Math.log(0.8)) / 2);
  near(
    exampleLoss(f(Math.log(9), Math.log(0.25)), f(1, 0), "sigmoid_cross_entropy", "linear"),
    -(Math.log(0.9) + Math.log(0.8)) / 2,
  );
  near(exampleLoss(f(1, 3), f(0, 1), "mean_squared_error", "linear"), 2.5);
});

test("accuracy: the strongest class, or the share of labels told rightly", () => {
  assert.equal(exampleAccuracy(f(1, 5, 2), f(0, 0.9, 0.1), "softmax_cross_entropy"), 1);
  assert.equal(exampleAccuracy(f(6, 5, 2), f(0, 0.9, 0.1), "softmax_cross_entropy"), 0);
  assert.equal(exampleAccuracy(f(1, -1, -1, 2), f(1, 1, 0, 0), "sigmoid_cross_entropy"), 0.5);
  assert.ok(Number.isNaN(exampleAccuracy(f(1), f(1), "mean_squared_error")));
});

test("the last activation is found behind a reshape", () => {
  for (const name of ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small"] as const) {
    for (const flavor of ["keras", "article"] as const) {
      assert.equal(lastActivation(buildGraph(name, { flavor })), "softmax", `${name} ${flavor}`);
      assert.equal(lastActivation(buildGraph(name, { flavor, classifierActivation: null })), "linear");
    }
  }
});
