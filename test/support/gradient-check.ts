import assert from "node:assert/strict";
import { evaluateGraph } from "../../packages/mobilenets/src/engines/reference.ts";
import type { Graph } from "../../packages/mobilenets/src/graph/graph.ts";
import { shapesOf } from "../../packages/mobilenets/src/graph/shapes.ts";
import { gradientOps } from "../../packages/mobilenets/src/graph/training-ops.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { type Shape, sizeOf, type Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { differentiate } from "../../packages/mobilenets/src/train/differentiate.ts";

export type Values = Readonly<Record<string, Tensor<Float64Array>>>;

/** The rounding error is 1e-16 / step, that of central differences step squared: both are far below 1e-6. */
const STEP = 1e-5;

export function normal(shape: Shape, next: () => number): Tensor<Float64Array> {
  const uniform = () => next() + next() + next() + next() - 2;
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => uniform() * Math.sqrt(3)) };
}

/** Weights in float64, for `evaluateGraph`. */
export function precise(weights: Readonly<Record<string, Tensor>>): Values {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape }]) => [name, { data: Float64Array.from(data), shape }]),
  );
}

function positive({ data, shape }: Tensor<Float64Array>): Tensor<Float64Array> {
  return { data: data.map((value) => 0.5 + Math.abs(value)), shape };
}

/**
 * The change of a function along a direction, one step to each side of a point, and the change that its gradient predicts
 * for the rounded values.
 */
export function changes(f: (values: Values) => number, at: Values, gradient: Values, direction: Values, step: number) {
  const moved = (by: number): Values =>
    Object.fromEntries(
      Object.entries(direction).map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((d, i) => at[name].data[i] + by * d) },
      ]),
    );
  const [there, here] = [moved(step), moved(-step)];
  let predicted = 0;
  for (const name of Object.keys(direction)) {
    predicted += dot(
      gradient[name].data,
      there[name].data.map((value, i) => value - here[name].data[i]),
    );
  }
  return { predicted, found: f({ ...at, ...there }) - f({ ...at, ...here }) };
}

export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/**
 * Differentiates a weighted sum of a graph's one output by the input and the named parameters, and compares each number of
 * each gradient with central differences.
 */
export function checkGradients(graph: Graph, names: readonly string[], seed = 1): void {
  const next = random(seed);
  const shapes = shapesOf(graph);
  const [output] = graph.outputs;
  const shape = shapes.get(output)!;
  const dy = normal(shape, next);
  const seeded: Graph = { ...graph, params: { ...graph.params, dy: { shape, trainable: false, init: "zeros" } } };
  const result = differentiate(seeded, output, "dy", names);
  const given: Record<string, Tensor<Float64Array>> = { dy };
  for (const name of [graph.input.name, ...Object.keys(graph.params)]) {
    given[name] = normal(shapes.get(name)!, next);
    if (name.endsWith("moving_variance")) given[name] = positive(given[name]);
  }
  const loss = (values: Values) =>
    dot(dy.data, evaluateGraph(graph, values, Float64Array, { ops: gradientOps })[0].data);
  const outputs = names.map((name) => result.gradients[name]);
  const found = evaluateGraph({ ...result.graph, outputs }, given, Float64Array, { ops: gradientOps });
  names.forEach((name, n) => {
    assert.deepEqual(found[n].shape, shapes.get(name), name);
    const largest = Math.max(...found[n].data.map(Math.abs));
    assert.ok(largest > 0, `${name}: zero throughout`);
    for (let i = 0; i < found[n].data.length; i++) {
      const unit = { data: new Float64Array(found[n].data.length), shape: found[n].shape };
      unit.data[i] = 1;
      const change = changes(loss, given, { [name]: found[n] }, { [name]: unit }, STEP);
      const slopes = [change.predicted, change.found].map((value) => value / (2 * STEP));
      const message = `${name}[${i}] is ${slopes[0]}, differences give ${slopes[1]}`;
      assert.ok(Math.abs(slopes[0] - slopes[1]) <= 1e-6 * largest, message);
    }
  });
}
