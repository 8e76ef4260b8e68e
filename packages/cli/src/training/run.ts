import { join } from "node:path";
import { TrainingError } from "mobilenets";
import { type Program, selectEngine, type Weights } from "mobilenets/graph";
import {
  type Batch,
  batchesPerEpoch,
  type DataLoader,
  type EpochEvent,
  type EpochRecord,
  type Evaluation,
  evaluate,
  evaluationBatches,
  type FitOptions,
  featureBatches,
  featureData,
  recalibrate,
  type StepEvent,
  splitAtClassifier,
  type TrainState,
  targetsOf,
  train,
  trainingBatches,
} from "mobilenets/train";
import { type WritableModel, writeModelFile } from "mobilenets/weights";
import { writeAtomic } from "../write-atomic.ts";
import { featuresOf } from "./features.ts";
import type { TrainFlags } from "./flags.ts";
import { Keeper } from "./keeper.ts";
import type { TrainingSets } from "./open-data.ts";
import { freezing, type RunPlan } from "./plan-run.ts";
import { MODEL } from "./run-folder.ts";

/** Data and settings of a training run. */
export interface RunInput {
  readonly flags: TrainFlags;
  readonly plan: RunPlan;
  readonly sets: TrainingSets;
  readonly model: WritableModel;
  readonly resume?: TrainState;
  readonly loaders: { readonly train: DataLoader; readonly validation: DataLoader };
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

/** Called with the progress of a run. */
export interface RunListener {
  /** The step is compiled, so all options are valid. `bytes` is its memory. */
  compiled(bytes: number, batchSize: number): Promise<void>;
  /** Something went wrong that does not end the training. */
  warn(message: string): void;
  features(done: number, total: number): void;
  step(event: StepEvent): void | Promise<void>;
  epoch(event: EpochEvent): void | Promise<void>;
}

export interface RunResult {
  readonly history: readonly EpochRecord[];
  /** Undefined without validation pictures. */
  readonly evaluation?: Evaluation;
}

/** Trains as planned, keeps checkpoints and history in the run's folder, and writes the model. */
export async function run(input: RunInput): Promise<RunResult> {
  const { flags, plan, resume, listener, signal } = input;
  const job = plan.mode === "transfer" ? await headJob(input) : await networkJob(input);
  const keeper = new Keeper({
    out: flags.out,
    history: resume?.progress.history ?? [],
    saved: resume?.progress.step,
    modelFile: (weights) => writeModelFile({ ...input.model, program: job.whole(weights) }),
    warn: (message) => listener.warn(message),
  });
  const loss = plan.targets.multiLabel ? "sigmoid_cross_entropy" : "softmax_cross_entropy";
  const { model, history } = await train({
    ...plan,
    ...job,
    ...(plan.mode === "fine-tune" && freezing(flags, job.model.program.graph)),
    loss,
    threads: flags.threads,
    resume,
    signal,
    saveEvery: flags.checkpointEvery,
    onCompiled: ({ bytes, batchSize }) => listener.compiled(bytes, batchSize),
    onStep: (event) => listener.step(event),
    onEpoch: async (event) => {
      await keeper.epoch(event);
      await listener.epoch(event);
    },
    save: (state) => keeper.save(state),
  });
  model.dispose();
  const engine = selectEngine("auto", { threads: flags.threads });
  const { graph, weights: trained } = model.program;
  const weights = flags.recalibrate
    ? await recalibrate(model.program, engine, recalibrationBatches(job), { batchSize: job.batchSize, signal })
    : trained;
  await writeModel(flags.out, writeModelFile({ ...input.model, program: job.whole(weights) }), keeper.saved);
  const evaluation = job.validation && (await evaluate({ graph, weights }, engine, job.validation(), { loss, signal }));
  return { history, evaluation };
}

async function writeModel(out: string, bytes: Uint8Array, saved: number | undefined): Promise<void> {
  const where = join(out, MODEL);
  try {
    await writeAtomic(where, bytes);
  } catch (cause) {
    const hint =
      saved === undefined
        ? "no checkpoint could be written either: once that is mended, the same command begins anew"
        : `once that is mended, mobilenets train --resume --out ${out} goes on from the checkpoint of step ${saved}`;
    throw new TrainingError({ where, found: `not written (${(cause as Error).message})`, hint }, { cause });
  }
}

/** Pictures for the statistics of batch norms. More change little. */
const RECALIBRATION_PICTURES = 4096;

async function* recalibrationBatches({ data, batchSize }: Job): AsyncGenerator<Batch> {
  let left = Math.ceil(RECALIBRATION_PICTURES / batchSize);
  for await (const batch of data.batches(0, 0)) {
    yield batch;
    if (--left === 0) return;
  }
}

type Job = Pick<FitOptions, "data" | "validation"> & {
  readonly model: WritableModel;
  readonly batchSize: number;
  /** Makes the whole network from the trained weights. */
  whole(weights: Weights): Program;
};

/** The job of training the network: each step runs all of it. */
async function networkJob({ plan, sets, model, loaders, listener }: RunInput): Promise<Job> {
  const { batchSize, seed, augmentation, targets } = plan;
  const { preprocessing, program } = model;
  const { trainIndices, validationIndices } = sets;
  const given = { loader: loaders.train, indices: trainIndices, batchSize, preprocessing, augmentation, seed, targets };
  const { multiLabel } = targets;
  const plain = {
    loader: loaders.validation,
    indices: validationIndices,
    batchSize,
    preprocessing,
    targets: { multiLabel },
  };
  // Invalid options are refused now, before anything is written, not in the first epoch.
  trainingBatches({ ...given, epoch: 0 });
  const validates = validationIndices.length > 0 && (await hasAny(evaluationBatches({ ...plain, batchSize: 1 })));
  if (validationIndices.length > 0 && !validates) {
    listener.warn("none of the pictures to validate with can be read: epochs are not validated");
  }
  return {
    model,
    batchSize,
    data: {
      batchesPerEpoch: batchesPerEpoch(trainIndices.length, batchSize),
      batches: (epoch, from) => trainingBatches({ ...given, epoch, startBatch: from }),
    },
    validation: validates ? () => evaluationBatches(plain) : undefined,
    whole: (weights) => ({ graph: program.graph, weights }),
  };
}

async function hasAny(batches: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of batches) return true;
  return false;
}

/** The job of training the classifier: the backbone runs once over all pictures, and steps use its features. */
async function headJob({ flags, plan, sets, model, loaders, signal, listener }: RunInput): Promise<Job> {
  const { seed, targets, dropout } = plan;
  const {
    backbone,
    featureCount,
    head,
    join: joined,
  } = splitAtClassifier(model.program, targets.multiLabel ? "sigmoid" : "softmax", dropout);
  const features = (dataset: TrainingSets["train"], indices: readonly number[], loader: DataLoader) =>
    featuresOf({
      backbone,
      count: featureCount,
      preprocessing: model.preprocessing,
      dataset,
      indices,
      loader,
      threads: flags.threads,
      signal,
      onProgress: (done, total) => listener.features(done, total),
    });
  const learnt = await features(sets.train, sets.trainIndices, loaders.train);
  const checked = await features(sets.validation, sets.validationIndices, loaders.validation);
  // Without unreadable pictures, fewer than a batch may be left. A batch that never fitted is refused below.
  const fits = plan.batchSize <= sets.trainIndices.length;
  const batchSize = fits ? Math.min(plan.batchSize, learnt.indices.length) : plan.batchSize;
  const { multiLabel } = targets;
  const plain = targetsOf(sets.validation, checked.indices, { multiLabel });
  return {
    model: { program: head, preprocessing: model.preprocessing, labels: model.labels },
    batchSize,
    data: featureData(learnt, targetsOf(sets.train, learnt.indices, targets), batchSize, seed),
    validation: checked.indices.length > 0 ? () => featureBatches(checked, plain, 256) : undefined,
    whole: joined,
  };
}
