import type { Engine } from "../engines/engine.ts";
import { OptionError, TrainingError } from "../errors.ts";
import type { Graph, Weights } from "../graph/graph.ts";
import type { Batch } from "./batch.ts";
import { evaluate, type Scores } from "./evaluate.ts";
import { checkLearningRate, type LearningRate, learningRateAt } from "./schedule.ts";
import { exampleAccuracy } from "./score.ts";
import { dropoutSeed, firstState, type Sums, type TrainState } from "./state.ts";
import type { Loss, Step, UpdateSettings } from "./step.ts";

/** Where a training's batches come from. */
export interface TrainingData {
  /** The batches of an epoch. An epoch may have fewer, and not more. */
  readonly batchesPerEpoch: number;
  /** The batches of an epoch (counted from 0) from number `from` on. They are the same whenever it is called. */
  batches(epoch: number, from: number): AsyncIterable<Batch>;
}

/** What is known after each optimiser step. */
export interface StepEvent {
  /** From 0. */
  readonly epoch: number;
  /** Batches of the epoch that are done, and that there are. */
  readonly batch: number;
  readonly batches: number;
  /** Optimiser steps done since the very beginning, and until the end. */
  readonly step: number;
  readonly steps: number;
  /** Of this step's batches. */
  readonly loss: number;
  /** Means over the epoch so far. */
  readonly epochLoss: number;
  readonly epochAccuracy: number;
  readonly learningRate: number;
  /** Of all gradients before clipping; NaN without clipping. */
  readonly gradientNorm: number;
  /** In this epoch so far, waiting for data included. */
  readonly imagesPerSecond: number;
}

/** What is kept of an epoch. Losses and accuracies in training are of weights that were still moving. */
export interface EpochRecord {
  /** From 0. */
  readonly epoch: number;
  /** Optimiser steps done by its end. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Of its last step. */
  readonly learningRate: number;
  /** Of training, without validation. */
  readonly seconds: number;
  readonly validation?: Scores;
}

/** What is known after each epoch. */
export interface EpochEvent extends EpochRecord {
  /** Whether no earlier epoch was better in validation: by its accuracy, or by its loss where there is no accuracy. */
  readonly best: boolean;
  /** Of the validated network: averaged if an average is kept. */
  readonly weights: Weights;
}

/** How long and how fast a network is trained, and with what. */
export interface FitOptions {
  readonly data: TrainingData;
  readonly epochs: number;
  readonly learningRate: LearningRate;
  readonly weightDecay?: UpdateSettings["weightDecay"];
  readonly clipNorm?: UpdateSettings["clipNorm"];
  /** Batches whose gradients are averaged into one optimiser step. Default 1. */
  readonly accumulate?: number;
  /** For dropout. Default 0. */
  readonly seed?: number;
  readonly loss?: Loss;
  /** Examples to validate on after each epoch, in batches of any size. */
  readonly validation?: () => AsyncIterable<Batch>;
  /** A state that `save` was given: training goes on from there, to the same end to the bit. */
  readonly resume?: TrainState;
  /** Aborted, training finishes its step, calls `save`, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Training awaits it, so that events do not pile up before a slow reader. */
  readonly onStep?: (event: StepEvent) => void | Promise<void>;
  readonly onEpoch?: (event: EpochEvent) => void | Promise<void>;
  /** Called after each epoch, when aborted, and after each `saveEvery` optimiser steps. */
  readonly save?: (state: TrainState) => void | Promise<void>;
  readonly saveEvery?: number;
}

/** @throws OptionError naming what is out of range */
export function checkFitOptions({ data, epochs, learningRate, accumulate = 1 }: FitOptions): void {
  whole("epochs", epochs);
  whole("accumulate", accumulate);
  whole("batchesPerEpoch", data.batchesPerEpoch);
  checkLearningRate(learningRate, epochs);
}

/**
 * Trains with a step that is compiled already.
 * @param graph the network, to validate with
 * @param engine that validation runs on
 * @returns history, one record an epoch, those before `resume` included
 * @throws TrainingError if the loss is no longer a number: says at which step and learning rate
 */
export async function fit(
  step: Step,
  graph: Graph,
  engine: Engine,
  options: FitOptions,
): Promise<readonly EpochRecord[]> {
  const { data, epochs, learningRate, accumulate = 1, seed = 0, loss = "softmax_cross_entropy", signal } = options;
  checkFitOptions(options);
  const batches = data.batchesPerEpoch;
  const stepsPerEpoch = Math.ceil(batches / accumulate);
  const length = { steps: epochs * stepsPerEpoch, stepsPerEpoch };

  let at = options.resume?.progress ?? firstState(seed);
  if (at.seed !== seed) throw new OptionError({ where: "seed", found: `${seed}`, expected: `${at.seed} as before` });
  if (options.resume) step.restore(options.resume.tensors);
  const save = async () => options.save?.({ tensors: step.state(), progress: at });
  const lastRate = () => learningRateAt(learningRate, at.step - 1, length);
  // The last update may diverge too, and no further batch would show it: then the state that was saved before stays. An
  // average of weights is finite only if all weights that went into it are.
  const expectFinite = (weights: Weights) => {
    const bad = Object.entries(weights).find(([, { data }]) => !data.every(Number.isFinite));
    if (bad) throw diverged(`a value of ${bad[0]}`, Number.NaN, at.step - 1, lastRate());
  };

  async function trainEpoch(): Promise<void> {
    const start = performance.now();
    const { examples: before, seconds } = at.sums;
    let group = { batches: 0, loss: 0 };

    async function update(): Promise<void> {
      const rate = learningRateAt(learningRate, at.step, length);
      const { weightDecay, clipNorm } = options;
      const { gradientNorm } = await step.update({ learningRate: rate, weightDecay, clipNorm });
      if (clipNorm !== undefined && !Number.isFinite(gradientNorm))
        throw diverged("gradients", gradientNorm, at.step, rate);
      const now = (performance.now() - start) / 1000;
      at = { ...at, step: at.step + 1, sums: { ...at.sums, seconds: seconds + now } };
      const { examples, loss, accuracy } = at.sums;
      await options.onStep?.({
        epoch: at.epoch,
        batch: at.batch,
        batches,
        step: at.step,
        steps: length.steps,
        loss: group.loss / group.batches,
        epochLoss: loss / examples,
        epochAccuracy: accuracy / examples,
        learningRate: rate,
        gradientNorm,
        imagesPerSecond: (examples - before) / now,
      });
      group = { batches: 0, loss: 0 };
      if (signal?.aborted) throw signal.reason;
      if (options.saveEvery && at.step % options.saveEvery === 0) {
        expectFinite(step.averaged());
        await save();
      }
    }

    for await (const batch of data.batches(at.epoch, at.batch)) {
      const result = await step.accumulate(batch, dropoutSeed(seed, at.epoch, at.batch));
      if (!Number.isFinite(result.loss)) {
        throw diverged("loss", result.loss, at.step, learningRateAt(learningRate, at.step, length));
      }
      at = { ...at, batch: at.batch + 1, sums: added(at.sums, batch, result.loss, result.logits, loss) };
      group = { batches: group.batches + 1, loss: group.loss + result.loss };
      if (group.batches === accumulate) await update();
    }
    if (group.batches > 0) await update();
    if (at.sums.examples === 0) {
      throw new TrainingError({
        where: `epoch ${at.epoch + 1}`,
        found: "no batches",
        hint: "is the batch larger than the dataset?",
      });
    }
    at = { ...at, batch: batches };
  }

  async function endEpoch(): Promise<void> {
    const weights = step.averaged();
    expectFinite(weights);
    const validation =
      options.validation && scores(await evaluate({ graph, weights }, engine, options.validation(), { loss, signal }));
    if (validation && Number.isNaN(validation.loss))
      throw diverged("validation loss", Number.NaN, at.step - 1, lastRate());
    const { epoch, step: done, sums } = at;
    const record: EpochRecord = {
      epoch,
      step: done,
      loss: sums.loss / sums.examples,
      accuracy: sums.accuracy / sums.examples,
      learningRate: learningRateAt(learningRate, done - 1, length),
      seconds: sums.seconds,
      validation,
    };
    const best = at.history.every((earlier) => better(record, earlier));
    await options.onEpoch?.({ ...record, best, weights });
    at = { ...firstState(seed), epoch: epoch + 1, step: done, history: [...at.history, record] };
    await save();
  }

  try {
    while (at.epoch < epochs) {
      if (at.batch < batches) await trainEpoch();
      await endEpoch();
      if (at.epoch < epochs) signal?.throwIfAborted();
    }
  } catch (error) {
    // It stops between steps only, as a run cannot go on from weights that a failed step leaves.
    if (signal?.aborted && error === signal.reason) await save();
    throw error;
  }
  return at.history;
}

function added(sums: Sums, { targets, indices }: Batch, mean: number, logits: Float32Array, loss: Loss): Sums {
  const n = indices.length;
  const classes = targets.length / n;
  let accuracy = 0;
  for (let i = 0; i < n; i++) {
    const row = (values: Float32Array) => values.subarray(i * classes, (i + 1) * classes);
    accuracy += exampleAccuracy(row(logits), row(targets), loss);
  }
  return { ...sums, examples: sums.examples + n, loss: sums.loss + n * mean, accuracy: sums.accuracy + accuracy };
}

function scores({ examples, loss, accuracy, top5 }: Scores): Scores {
  return { examples, loss, accuracy, top5 };
}

function better({ validation: a }: EpochRecord, { validation: b }: EpochRecord): boolean {
  if (!a || !b) return false;
  return Number.isNaN(a.accuracy) ? a.loss < b.loss : a.accuracy > b.accuracy;
}

function diverged(what: string, found: number, step: number, learningRate: number): TrainingError {
  return new TrainingError({
    where: `step ${step + 1}`,
    found: `${what} ${found} at learning rate ${Number(learningRate.toPrecision(3))}`,
    expected: "a finite number",
    hint: "training has diverged: try a third of the learning rate, a longer warm-up, or clipping of gradients (to norm 1)",
  });
}

function whole(where: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new OptionError({ where, found: `${value}`, expected: "an integer >= 1" });
}
