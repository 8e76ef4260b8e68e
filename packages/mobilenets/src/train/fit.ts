import type { Engine } from "../engines/engine.ts";
import { OptionError, TrainingError } from "../errors.ts";
import type { Graph, Weights } from "../graph/graph.ts";
import type { Batch } from "./batch.ts";
import { evaluate, type Scores } from "./evaluate.ts";
import { checkLearningRate, type LearningRate, learningRateAt } from "./schedule.ts";
import { exampleAccuracy } from "./score.ts";
import { dropoutSeed, firstState, type Sums, type TrainState } from "./state.ts";
import type { Loss, Step, UpdateSettings } from "./step.ts";

/** The source of training batches. */
export interface TrainingData {
  /** Number of batches per epoch. An epoch may have fewer, but not more. */
  readonly batchesPerEpoch: number;
  /** The batches of an epoch (counted from 0) from number `from` on: the same at every call. */
  batches(epoch: number, from: number): AsyncIterable<Batch>;
}

/** The progress after an optimiser step. */
export interface StepEvent {
  /** From 0. */
  readonly epoch: number;
  /** Batches of the epoch done so far, and in all. */
  readonly batch: number;
  readonly batches: number;
  /** Optimiser steps done since the start of training, and in all. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss of this step's batches. */
  readonly loss: number;
  /** Means over the epoch so far. */
  readonly epochLoss: number;
  readonly epochAccuracy: number;
  readonly learningRate: number;
  /** Norm of all gradients before clipping; NaN without clipping. */
  readonly gradientNorm: number;
  /** Speed in this epoch so far, including waits for data. */
  readonly imagesPerSecond: number;
}

/** The record of an epoch. Training loss and accuracy are those of weights that were still changing. */
export interface EpochRecord {
  /** From 0. */
  readonly epoch: number;
  /** Optimiser steps done by the end of the epoch. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Time of training, without validation. */
  readonly seconds: number;
  readonly validation?: Scores;
}

/** The progress after an epoch. */
export interface EpochEvent extends EpochRecord {
  /** Whether no earlier epoch was better in validation: by accuracy, or by loss without accuracy. */
  readonly best: boolean;
  /** Weights of the validated network: averaged if an average is kept. */
  readonly weights: Weights;
}

/** Options of `fit`: data, duration and learning rate. */
export interface FitOptions {
  readonly data: TrainingData;
  readonly epochs: number;
  readonly learningRate: LearningRate;
  readonly weightDecay?: UpdateSettings["weightDecay"];
  readonly clipNorm?: UpdateSettings["clipNorm"];
  /** Batches whose gradients are averaged into one optimiser step. Default 1. */
  readonly accumulate?: number;
  /** Seed of dropout. Default 0. */
  readonly seed?: number;
  readonly loss?: Loss;
  /** Examples to validate on after each epoch, in batches of any size. */
  readonly validation?: () => AsyncIterable<Batch>;
  /** A state from `save`: training continues from there, with the same result to the bit. */
  readonly resume?: TrainState;
  /** On abort, training finishes its step, calls `save`, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Training awaits it, so that events do not queue up for a slow reader. */
  readonly onStep?: (event: StepEvent) => void | Promise<void>;
  readonly onEpoch?: (event: EpochEvent) => void | Promise<void>;
  /** Called after each epoch, on abort, and after every `saveEvery` optimiser steps. */
  readonly save?: (state: TrainState) => void | Promise<void>;
  readonly saveEvery?: number;
}

/** @throws OptionError for an option out of range; it names the option */
export function checkFitOptions({ data, epochs, learningRate, accumulate = 1 }: FitOptions): void {
  whole("epochs", epochs);
  whole("accumulate", accumulate);
  whole("batchesPerEpoch", data.batchesPerEpoch);
  checkLearningRate(learningRate, epochs);
}

/**
 * Trains with a compiled step.
 * @param graph the network, for validation
 * @param engine the engine of validation
 * @returns the history: one record per epoch, including those before `resume`
 * @throws TrainingError if the loss is NaN or infinite; it names the step and the learning rate
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
  // The last update may diverge too, and no later batch would show it: the state saved before then stays. An average
  // of weights is finite only if all of its weights are.
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
    // Training stops only between steps, because a run cannot continue from the weights of a failed step.
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
