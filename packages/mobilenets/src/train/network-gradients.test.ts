import assert from "node:assert/strict";
import { test } from "node:test";
import { changes, dot, normal, precise, type Values } from "../../../../test/support/gradient-check.ts";
import { randomProgram } from "../../../../test/support/random-program.ts";
import { evaluateGraph } from "../engines/reference.ts";
import { checkGraph } from "../graph/check.ts";
import type { Program } from "../graph/graph.ts";
import { trainingOps } from "../graph/training-ops.ts";
import { buildGraph, type NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { lossFunction } from "./losses.ts";
import { type TrainingGraph, type TrainingGraphOptions, trainingGraph } from "./training-graph.ts";

const BATCH = 3;
const CLASSES = 5;
/** Change of the loss by a test step: far above float64 rounding, far below the scale of the loss' curvature. */
const CHANGE = 1e-5;

function network(name: NetworkName, options: ModelOptions = {}): Program {
  return randomProgram(buildGraph(name, { alpha: 0.25, inputShape: [32, 32, 3], classes: CLASSES, ...options }), 1);
}

/** Values for all inputs of a training graph. Activations see mostly positive numbers: few are near their kinks. */
function valuesFor(t: TrainingGraph): Record<string, Tensor<Float64Array>> {
  const next = random(2);
  const values: Record<string, Tensor<Float64Array>> = { ...precise(t.weights) };
  for (const [name, { data, shape }] of Object.entries(values)) {
    if (name.endsWith("/beta")) values[name] = { data: data.map((value) => value + 2), shape };
  }
  values[t.graph.input.name] = normal(t.graph.input.shape, next);
  for (const { name, shape } of t.masks) {
    values[name] = { shape, data: normal(shape, next).data.map((value) => (value > 0 ? 2 : 0)) };
  }
  return values;
}

/** The softmax cross-entropy of a training graph's pictures, and its gradient with respect to the logits. */
function lossOf(t: TrainingGraph) {
  const next = random(3);
  const targets = Float64Array.from({ length: BATCH * CLASSES }, next);
  const gradient = new Float64Array(targets.length);
  const forward = { ...t.graph, nodes: t.graph.nodes.slice(0, t.forward), outputs: [t.logits] };
  const loss = (values: Values) => {
    const [logits] = evaluateGraph(forward, values, Float64Array, { ops: trainingOps });
    return lossFunction("softmax_cross_entropy")(logits.data, targets, CLASSES, gradient);
  };
  return { loss, gradient };
}

const norm = (values: Float64Array) => Math.sqrt(dot(values, values));

/** Compares the gradient of each parameter with the loss' change along a direction. */
function checkGradients(program: Program, options: Partial<TrainingGraphOptions> = {}): void {
  const t = trainingGraph(program, { batchSize: BATCH, ...options });
  checkGraph(t.graph, trainingOps);
  const values = valuesFor(t);
  const { loss, gradient } = lossOf(t);
  loss(values);
  values[t.logitsGradient.name] = { shape: t.logitsGradient.shape, data: gradient.slice() };
  const names = Object.keys(t.gradients);
  const found = evaluateGraph({ ...t.graph, outputs: names.map((name) => t.gradients[name]) }, values, Float64Array, {
    ops: trainingOps,
  });
  const gradients = Object.fromEntries(names.map((name, i) => [name, found[i]]));
  const largest = names.reduce((max, name) => Math.max(max, norm(gradients[name].data)), 0);
  const next = random(4);
  for (const name of names) {
    const { data, shape } = gradients[name];
    const other = normal(shape, next).data;
    const lengths = [norm(data), norm(other)];
    // A parameter that shifts a batch norm's whole input, such as a bias before it, has no gradient.
    if (lengths[0] < 1e-12 * largest) {
      const flat = changes(loss, values, gradients, { [name]: { shape, data: other } }, 0.01);
      assert.ok(Math.abs(flat.found) < 1e-10, `${name}: gradient 0, but the loss changes by ${flat.found}`);
      continue;
    }
    // The direction is partly along the gradient, so that the change is not small by chance.
    const direction = { shape, data: data.map((g, i) => g / lengths[0] + other[i] / lengths[1]) };
    const change = changes(loss, values, gradients, { [name]: direction }, CHANGE / lengths[0]);
    const message = `${name}: the loss changes by ${change.found}, its gradient says ${change.predicted}`;
    assert.ok(Math.abs(change.found - change.predicted) <= 1e-6 * Math.abs(change.predicted), message);
  }
  assert.ok(names.length > 0);
}

for (const name of ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small"] as const) {
  test(`gradients of all of ${name}`, () => checkGradients(network(name)));
}

test("gradients of the article's MobileNetV3-small, whose squeeze is dense", () => {
  checkGradients(network("mobilenet_v3_small", { flavor: "article" }));
});

test("gradients where batch norms keep their statistics", () => {
  checkGradients(network("mobilenet_v3_small"), { freezeNorms: true });
});

test("gradients behind frozen layers", () => {
  checkGradients(network("mobilenet_v2"), { freezeUntil: "block_12_depthwise" });
  checkGradients(network("mobilenet_v1", { depthMultiplier: 2 }), { freezeUntil: "conv_pw_11_bn" });
});
