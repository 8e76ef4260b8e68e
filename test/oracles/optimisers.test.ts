// Optimisers and losses held against PyTorch's, on a dense layer by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../packages/mobilenets/src/graph/builder.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { layers } from "../../packages/mobilenets/src/models/layers.ts";
import { tensor } from "../../packages/mobilenets/src/tensor.ts";
import { compileStep } from "../../packages/mobilenets/src/train/compile-step.ts";
import type { Loss, Optimiser, UpdateSettings } from "../../packages/mobilenets/src/train/step.ts";
import { readGolden } from "./golden.ts";

interface Layer {
  /** `[inputs, classes]` and `[classes]`. */
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
}

/** Losses of all batches, norms of the gradients where they are clipped, and the layer after the last update. */
interface Case extends Layer {
  readonly targets: string;
  readonly loss: Loss;
  readonly optimiser: Optimiser;
  readonly update: Omit<UpdateSettings, "learningRate">;
  /** `biasRate`: the bias' learning rate relative to the kernel's. */
  readonly step: { readonly biasRate?: number };
  /** Whose gradients make one update. */
  readonly batches: number;
  readonly losses: readonly number[];
  readonly norms: readonly number[];
}

interface Golden {
  /** One rate for each update. */
  readonly start: Layer & { readonly rates: readonly number[] };
  readonly inputs: readonly (readonly number[])[];
  /** Rows by kind, a list for each batch. */
  readonly targets: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly cases: readonly Case[];
}

const { start, inputs, targets, cases } = readGolden<Golden>("optimisers.json");
const CLASSES = start.bias.length;
const INPUTS = start.kernel.length / CLASSES;
const EXAMPLES = inputs[0].length / INPUTS;
/** Six updates, each of which rounds a few times, of numbers around 1: a hundred roundings of float32. */
const TOLERANCE = 100 * 2 ** -24;

function denseLayer(): Program {
  const b = new GraphBuilder("dense", [1, 1, INPUTS]);
  const l = layers(b);
  const graph = b.build(l.dense(l.flatten(b.input), CLASSES, "linear", "dense"));
  const weights = {
    "dense/kernel": tensor([INPUTS, CLASSES], start.kernel),
    "dense/bias": tensor([CLASSES], start.bias),
  };
  return { graph, weights };
}

for (const { targets: kind, loss, optimiser, update, step: settings, batches, ...expected } of cases) {
  const title = JSON.stringify({ ...optimiser, ...update, ...settings, batches });
  test(`PyTorch trains a layer to the same: ${loss} of ${kind}, ${title}`, async () => {
    const { biasRate = 1 } = settings;
    const step = await compileStep(denseLayer(), {
      batchSize: EXAMPLES,
      loss,
      optimiser,
      threads: 1,
      rateOf: (parameter) => (parameter === "dense/bias" ? biasRate : 1),
    });
    const losses: number[] = [];
    const norms: number[] = [];
    for (const learningRate of start.rates) {
      for (let i = 0; i < batches; i++) {
        const at = losses.length;
        const batch = {
          images: Float32Array.from(inputs[at]),
          targets: Float32Array.from(targets[kind][at]),
          indices: Array.from({ length: EXAMPLES }, (_, example) => example),
        };
        losses.push((await step.accumulate(batch, 0)).loss);
      }
      const { gradientNorm } = await step.update({ learningRate, ...update });
      if (update.clipNorm === undefined) assert.ok(Number.isNaN(gradientNorm));
      else norms.push(gradientNorm);
    }
    const trained = step.weights();
    step.dispose();
    compare("losses", losses, expected.losses);
    compare("norms", norms, expected.norms);
    compare("kernel", [...trained["dense/kernel"].data], expected.kernel);
    compare("bias", [...trained["dense/bias"].data], expected.bias);
  });
}

function compare(what: string, found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length, what);
  found.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    assert.ok(error <= TOLERANCE * Math.max(1, Math.abs(expected[i])), `${what}: ${value}, expected ${expected[i]}`);
  });
}
