import assert from "node:assert/strict";
import { test } from "node:test";
import { reference } from "../engines/reference.ts";
import { TrainingError } from "../errors.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Program } from "../graph/graph.ts";
import { layers } from "../models/layers.ts";
import { random } from "../random.ts";
import { tensor } from "../tensor.ts";
import type { Batch } from "./batch.ts";
import { type EpochEvent, type FitOptions, fit, type StepEvent, type TrainingData } from "./fit.ts";
import { softmax } from "./score.ts";
import type { TrainState } from "./state.ts";
import type { Step, UpdateSettings } from "./step.ts";

/** Softmax regression on three classes of points in the plane. */
const graph = (() => {
  const b = new GraphBuilder("regression", [2]);
  return b.build(layers(b).dense(b.input, 3, "softmax", "predictions"));
})();
const kernel = "predictions/kernel";
const bias = "predictions/bias";

/** A step written as plain loops: SGD with momentum. */
class FakeStep implements Step {
  readonly batchSize = 4;
  readonly bytes = 0;
  readonly seeds: number[] = [];
  readonly updates: UpdateSettings[] = [];
  readonly #state: Record<string, { data: Float32Array; shape: number[] }> = {
    [kernel]: { data: new Float32Array(6), shape: [2, 3] },
    [bias]: { data: new Float32Array(3), shape: [3] },
    "momentum/kernel": { data: new Float32Array(6), shape: [2, 3] },
    "momentum/bias": { data: new Float32Array(3), shape: [3] },
  };
  readonly #gradients = { kernel: new Float32Array(6), bias: new Float32Array(3) };
  #calls = 0;

  async accumulate({ images, targets, indices }: Batch, seed: number) {
    this.seeds.push(seed);
    const n = indices.length;
    const logits = new Float32Array(n * 3);
    const [k, b] = [this.#state[kernel].data, this.#state[bias].data];
    let loss = 0;
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < 3; c++) logits[i * 3 + c] = b[c] + images[i * 2] * k[c] + images[i * 2 + 1] * k[3 + c];
      const p = softmax(logits.subarray(i * 3, i * 3 + 3));
      for (let c = 0; c < 3; c++) {
        const t = targets[i * 3 + c];
        if (t > 0) loss -= (t * Math.log(p[c])) / n;
        const d = (p[c] - t) / n;
        this.#gradients.bias[c] += d;
        for (let x = 0; x < 2; x++) this.#gradients.kernel[x * 3 + c] += d * images[i * 2 + x];
      }
    }
    this.#calls++;
    return { loss, logits };
  }

  async update(settings: UpdateSettings) {
    this.updates.push(settings);
    for (const name of ["kernel", "bias"] as const) {
      const [w, v, g] = [`predictions/${name}`, `momentum/${name}`]
        .map((key) => this.#state[key].data)
        .concat(this.#gradients[name]);
      for (let i = 0; i < w.length; i++) {
        v[i] = 0.9 * v[i] + g[i] / this.#calls;
        w[i] -= settings.learningRate * v[i];
      }
      g.fill(0);
    }
    this.#calls = 0;
    return { gradientNorm: settings.clipNorm === undefined ? Number.NaN : 1 };
  }

  weights() {
    const { [kernel]: k, [bias]: b } = this.state();
    return { [kernel]: k, [bias]: b };
  }

  averaged() {
    return this.weights();
  }

  state() {
    return Object.fromEntries(
      Object.entries(this.#state).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]),
    );
  }

  restore(state: TrainState["tensors"]) {
    for (const [name, { data }] of Object.entries(state)) this.#state[name].data.set(data);
  }

  dispose() {}
}

const centres = [
  [2, 0],
  [-1, 2],
  [-1, -2],
];

function batchOf(indices: readonly number[], seed: number): Batch {
  const next = random(seed);
  const images = Float32Array.from(indices.flatMap((i) => centres[i % 3].map((x) => x + next() - 0.5)));
  const targets = Float32Array.from(indices.flatMap((i) => [0, 1, 2].map((c) => (c === i % 3 ? 1 : 0))));
  return { images, targets, indices };
}

/** 5 batches of 4, different in each epoch. */
const data: TrainingData = {
  batchesPerEpoch: 5,
  async *batches(epoch, from) {
    for (let b = from; b < 5; b++)
      yield batchOf(
        [0, 1, 2, 3].map((i) => b * 4 + i),
        100 * epoch + b,
      );
  },
};
async function* validation() {
  yield batchOf([0, 1, 2, 3, 4], 9000);
  yield batchOf([5], 9001);
}

function run(options: Partial<FitOptions> = {}, step = new FakeStep()) {
  const learningRate = { peak: 0.1, schedule: { kind: "cosine" }, warmup: 1 } as const;
  return fit(step, graph, reference, { data, epochs: 3, learningRate, validation, ...options });
}

test("it learns, and the history says so", async () => {
  const events: StepEvent[] = [];
  const history = await run({ onStep: (event) => void events.push(event) });
  assert.deepEqual(
    history.map(({ epoch, step }) => [epoch, step]),
    [
      [0, 5],
      [1, 10],
      [2, 15],
    ],
  );
  assert.ok(history[2].loss < 0.5 * history[0].loss, `loss ${history.map(({ loss }) => loss)}`);
  assert.equal(history[2].validation?.accuracy, 1);
  assert.equal(history[2].validation?.examples, 6);
  // Validation runs the network itself, whose loss must be near the fake step's.
  assert.ok(Math.abs(history[2].validation!.loss - history[2].loss) < 0.3);
  assert.deepEqual(
    events.map(({ step, batch, epoch }) => [step, batch, epoch]),
    Array.from({ length: 15 }, (_, i) => [i + 1, (i % 5) + 1, Math.floor(i / 5)]),
  );
  assert.deepEqual(
    events.slice(0, 6).map(({ learningRate }) => Number(learningRate.toFixed(6))),
    [0.02, 0.04, 0.06, 0.08, 0.1, 0.1],
  );
  assert.ok(Math.abs(events[4].epochLoss - history[0].loss) < 1e-12);
});

test("accumulated batches make one step; what an epoch has left over makes its last", async () => {
  const step = new FakeStep();
  const history = await run({ accumulate: 2, weightDecay: 0.5, clipNorm: 2, epochs: 2 }, step);
  assert.deepEqual(
    history.map(({ step }) => step),
    [3, 6],
  );
  assert.deepEqual(step.updates[0], { learningRate: 0.1 / 3, weightDecay: 0.5, clipNorm: 2 });
  assert.equal(new Set(step.seeds).size, 10, "each batch has a dropout seed of its own");
});

test("resumed from any state it saved, it comes to the same weights and history to the bit", async () => {
  const states: TrainState[] = [];
  const step = new FakeStep();
  const timeless = (history: object) =>
    JSON.parse(JSON.stringify(history, (key, value) => (key === "seconds" ? 0 : value)));
  const through = { saveEvery: 2, seed: 7, accumulate: 2 };
  // A checkpoint keeps copies, and numbers that have passed through JSON.
  const save = (state: TrainState) =>
    void states.push({ ...state, progress: JSON.parse(JSON.stringify(state.progress)) });
  const history = await run({ ...through, save }, step);
  assert.deepEqual(
    states.map(({ progress: { epoch, batch, step } }) => [epoch, batch, step]),
    [
      [0, 4, 2],
      [1, 0, 3],
      [1, 2, 4],
      [1, 5, 6],
      [2, 0, 6],
      [2, 4, 8],
      [3, 0, 9],
    ],
  );
  for (const resume of states) {
    const again = new FakeStep();
    assert.deepEqual(timeless(await run({ ...through, resume }, again)), timeless(history));
    assert.deepEqual(again.state(), step.state());
  }
  await assert.rejects(run({ ...through, seed: 8, resume: states[0] }), /seed: 8, expected 7 as before/);
});

test("aborted, it ends its step, saves, and rejects with the signal's reason", async () => {
  const whole = new FakeStep();
  await run({}, whole);
  const stops: [string, Partial<FitOptions> & { signal: AbortSignal }][] = [];
  for (const where of ["step", "validation", "epoch"]) {
    const controller = new AbortController();
    const stop = () => controller.abort(new Error("enough"));
    stops.push([
      where,
      {
        signal: controller.signal,
        onStep: where === "step" ? ({ step }) => void (step === 7 && stop()) : undefined,
        onEpoch: where === "epoch" ? ({ epoch }) => void (epoch === 0 && stop()) : undefined,
        validation:
          where !== "validation"
            ? validation
            : async function* () {
                yield batchOf([0], 1);
                stop();
                yield batchOf([1], 1);
              },
      },
    ]);
  }
  const positions: number[][] = [];
  for (const [where, options] of stops) {
    let saved: TrainState | undefined;
    const save = (state: TrainState) => {
      saved = state;
    };
    await assert.rejects(run({ ...options, save }), /enough/, where);
    assert.ok(saved, where);
    positions.push([saved.progress.epoch, saved.progress.batch, saved.progress.step]);
    const again = new FakeStep();
    await run({ resume: saved }, again);
    assert.deepEqual(again.state(), whole.state(), where);
  }
  assert.deepEqual(positions, [
    [1, 2, 7],
    [0, 5, 5],
    [1, 0, 5],
  ]);
});

test("the best epoch is the first of the highest accuracy, and its weights are handed over", async () => {
  const events: EpochEvent[] = [];
  await run({ epochs: 6, onEpoch: (event) => void events.push(event) });
  const accuracies = events.map(({ validation }) => validation!.accuracy);
  const best = accuracies.map((a, i) => accuracies.slice(0, i).every((earlier) => a > earlier));
  assert.deepEqual(
    events.map((event) => event.best),
    best,
  );
  const program: Program = { graph, weights: events[5].weights };
  const executable = await reference.compile(program);
  const [{ data: answer }] = await executable.run(tensor([1, 2], [2, 0]));
  assert.ok(answer[0] > 0.8, `${answer}`);
});

test("a loss that is no number stops it: which step, at what rate, what to do", async () => {
  const poisoned: TrainingData = {
    batchesPerEpoch: 5,
    async *batches(epoch, from) {
      for await (const batch of data.batches(epoch, from)) {
        yield epoch === 1 ? { ...batch, images: batch.images.fill(Number.NaN) } : batch;
      }
    },
  };
  const saved: TrainState[] = [];
  await assert.rejects(run({ data: poisoned, save: (state) => void saved.push(state) }), (error) => {
    assert.ok(error instanceof TrainingError);
    assert.match(
      error.message,
      /^step 6: loss NaN at learning rate 0\.1, expected a finite number: training has diverged/,
    );
    return true;
  });
  assert.equal(saved.length, 1, "nothing is saved of what came after the last good epoch");
});

test("so does a last update that no further batch would show", async () => {
  const single: TrainingData = {
    batchesPerEpoch: 1,
    async *batches(epoch, from) {
      for await (const batch of data.batches(epoch, from)) {
        yield batch;
        return;
      }
    },
  };
  const saved: TrainState[] = [];
  const options = { data: single, epochs: 1, learningRate: { peak: 1e300 }, saveEvery: 1 };
  await assert.rejects(
    run({ ...options, save: (state) => void saved.push(state) }),
    /^TrainingError: step 1: a value of/,
  );
  assert.equal(saved.length, 0);
});

test("an epoch without batches, and numbers that make no sense, are refused", async () => {
  const empty: TrainingData = { batchesPerEpoch: 1, async *batches() {} };
  await assert.rejects(run({ data: empty }), /epoch 1: no batches/);
  await assert.rejects(run({ epochs: 0 }), /epochs: 0, expected an integer >= 1/);
  await assert.rejects(run({ accumulate: 1.5 }), /accumulate: 1.5/);
});
