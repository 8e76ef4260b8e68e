// Training steps held against Keras and torchvision: loss, gradients and moving statistics of one step, losses of ten.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph, Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { batchNormalization } from "../../packages/mobilenets/src/graph/ops/batch_normalization.ts";
import { is } from "../../packages/mobilenets/src/graph/ops.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import type { Batch } from "../../packages/mobilenets/src/train/batch.ts";
import { compileStep } from "../../packages/mobilenets/src/train/compile-step.ts";
import type { Optimiser, Step, StepOptions, UpdateSettings } from "../../packages/mobilenets/src/train/step.ts";
import { type Case as Network, readGolden, title } from "./golden.ts";
import { seededUniform } from "./seeded.ts";
import { trainingBatch, trainingWeights } from "./training-batches.ts";

/** Of a tensor: largest magnitude, norm, product with a random vector, then elements `7919 i mod size`. */
type Row = readonly [largest: number, norm: number, product: number, ...samples: number[]];
type Rows = Readonly<Record<string, Row>>;

type Tensors = Readonly<Record<string, Float64Array>>;

interface Run extends UpdateSettings {
  readonly optimiser: Optimiser;
  readonly losses: readonly number[];
}

interface Case extends Pick<Network, "network" | "options" | "batch" | "range">, Settings {
  /** Seed of the batches. */
  readonly noise: number;
  readonly loss: number;
  readonly gradients: Rows;
  /** Of moving statistics that moved: the batch's less the old ones. */
  readonly statistics: Rows;
  readonly runs: readonly Run[];
}

type Settings = Pick<StepOptions, "freezeNorms" | "freezeUntil">;

const TOLERANCE = 1e-3;
/**
 * What rounding leaves of a gradient that is zero, such as that of a bias before a batch norm, relative to the network's
 * largest: the goldens say up to 1e-7 for Keras' and PyTorch's own float32.
 */
const ROUNDING = 1e-6;
const SAMPLE_STEP = 7919;
/** The batches that steps take turns with. */
const BATCHES = 2;
const plain: Optimiser = { kind: "sgd", momentum: 0 };
/** A power of 2, so that it adds no rounding; so large that of old weights nothing is left in the differences. */
const LARGE_RATE = 2 ** 20;

for (const [library, file] of [
  ["Keras", "training-keras.json"],
  ["torchvision", "training-torch.json"],
]) {
  const { cases, seed } = readGolden<{ readonly cases: readonly Case[] }>(file);
  for (const golden of cases) {
    const { loss, gradients, statistics, runs, freezeNorms, freezeUntil } = golden;
    const settings = JSON.stringify({ freezeNorms, freezeUntil });
    const graph = buildGraph(golden.network, golden.options);
    const weights = trainingWeights(graph, seed);
    const compile = (optimiser: Optimiser, threads: number) =>
      compileStep({ graph, weights }, { batchSize: golden.batch, optimiser, threads, freezeNorms, freezeUntil });
    const batches = Array.from({ length: BATCHES }, (_, i) =>
      trainingBatch(
        golden.noise,
        i,
        [golden.batch, ...graph.input.shape.slice(1)],
        golden.range,
        golden.options.classes as number,
        seed,
      ),
    );

    test(`${library} finds the same gradients: ${title(golden)} ${settings}`, async () => {
      const step = await compile(plain, 1);
      const result = await step.accumulate(batches[0], 0);
      near("loss", result.loss, loss, TOLERANCE * loss);
      await step.update({ learningRate: LARGE_RATE });
      const after = step.weights();
      step.dispose();
      const changes = Object.keys(weights).filter((name) => differ(weights, after, name));
      const expected = [...Object.keys(gradients), ...Object.keys(statistics)];
      assert.deepEqual(changes.sort(), expected.sort());
      const largest = Math.max(...Object.values(gradients).map(([value]) => value));
      compare(
        moved(weights, after, gradients, () => -LARGE_RATE),
        gradients,
        ROUNDING * largest,
        seed,
      );
      const shares = sharesOfBatch(graph);
      compare(
        moved(weights, after, statistics, (name) => shares[name]),
        statistics,
        0,
        seed,
      );
    });

    for (const { optimiser, losses, ...update } of runs) {
      test(`${library}'s losses over ten steps: ${title(golden)} ${JSON.stringify({ ...optimiser, ...update })}`, async () => {
        const step = await compile(optimiser, 2);
        const found = await train(step, losses.length, update, batches);
        step.dispose();
        found.forEach((value, i) => {
          near(`loss of step ${i + 1}`, value, losses[i], TOLERANCE * losses[i]);
        });
      });
    }
  }
}

async function train(step: Step, steps: number, update: UpdateSettings, batches: readonly Batch[]) {
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    losses.push((await step.accumulate(batches[i % BATCHES], i)).loss);
    await step.update(update);
  }
  return losses;
}

function differ(a: Weights, b: Weights, name: string): boolean {
  return a[name].data.some((value, i) => value !== b[name].data[i]);
}

/** How far parameters have moved, in units of their own. */
function moved(before: Weights, after: Weights, rows: Rows, unit: (name: string) => number): Tensors {
  const differences = Object.keys(rows).map((name) => {
    const { data } = before[name];
    return [name, Float64Array.from(after[name].data, (value, i) => (value - data[i]) / unit(name))];
  });
  return Object.fromEntries(differences);
}

/** The share of the batch's statistics in the new moving ones, by parameter. */
function sharesOfBatch({ nodes }: Graph): Record<string, number> {
  const norms = nodes.filter((node) => is(node, batchNormalization));
  return Object.fromEntries(
    norms.flatMap(({ inputs, attrs }) => inputs.slice(3).map((name) => [name, 1 - attrs.momentum])),
  );
}

/** Holds tensors against the rows of a golden. */
function compare(found: Tensors, rows: Rows, slack: number, seed: number): void {
  for (const [name, [largest, norm, product, ...samples]] of Object.entries(rows)) {
    const data = found[name];
    const at = (what: string, actual: number, expected: number, scale: number) =>
      near(`${name}: ${what}`, actual, expected, TOLERANCE * scale + slack);
    const u = seededUniform(`${name}/direction`, seed);
    let [magnitude, squares, sum] = [0, 0, 0];
    for (const value of data) {
      magnitude = Math.max(magnitude, Math.abs(value));
      squares += value * value;
      sum += value * (2 * u() - 1);
    }
    const root = Math.sqrt(data.length);
    at("largest", magnitude, largest, largest);
    at("norm", Math.sqrt(squares) / root, norm / root, norm / root);
    at("product", sum / root, product / root, norm / root);
    samples.forEach((expected, i) => {
      const element = (i * SAMPLE_STEP) % data.length;
      at(`element ${element}`, data[element], expected, largest);
    });
  }
}

function near(what: string, actual: number, expected: number, tolerance: number): void {
  const error = Math.abs(actual - expected);
  assert.ok(
    error <= tolerance,
    `${what} is ${actual}, expected ${expected}: off by ${error}, allowed are ${tolerance}`,
  );
}
