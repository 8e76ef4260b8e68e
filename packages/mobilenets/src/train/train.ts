import { type EngineName, selectEngine } from "../engines/select.ts";
import { importedOps } from "../graph/imported-ops.ts";
import { Model } from "../model.ts";
import type { WritableModel } from "../weights/safetensors/model-file.ts";
import { wasmTraining } from "./compile-step.ts";
import { checkFitOptions, type EpochRecord, type FitOptions, fit } from "./fit.ts";
import type { Step, StepOptions } from "./step.ts";

/** What `train` needs: a network, data and settings. */
export interface TrainOptions extends FitOptions, StepOptions {
  /** The network to begin with, its classifier as wide as the targets. A `Model` is one. */
  readonly model: WritableModel;
  /** What validation and the trained model run on. Default `auto`. */
  readonly engine?: EngineName;
  /** Told of the compiled step before the first batch: what memory it holds. */
  readonly onCompiled?: (step: Pick<Step, "bytes" | "batchSize">) => void | Promise<void>;
}

/** What training gives. */
export interface Trained {
  /** Ready to run; its weights are the averaged ones if an average was kept. */
  readonly model: Model;
  /** A record an epoch. */
  readonly history: readonly EpochRecord[];
}

/**
 * Trains a network: `epochs` times through `data`, validated after each. The same options, data and seed give the same
 * weights, to the bit, on any number of threads, and however often training was interrupted and resumed.
 *
 * @throws TrainingError if the step does not fit into memory (and says which batch does), or if the loss is no longer a
 *   number (and says when, and what to try)
 * @throws OptionError for options out of range
 */
export async function train(options: TrainOptions): Promise<Trained> {
  const { model, engine: name = "auto", threads, onCompiled } = options;
  const { graph } = model.program;
  const engine = selectEngine(name, { threads });
  checkFitOptions(options);
  const step = await wasmTraining.compileStep(model.program, options);
  try {
    await onCompiled?.(step);
    const history = await fit(step, graph, engine, options);
    const program = { graph, weights: step.averaged() };
    return { model: new Model({ ...model, program, ops: importedOps }, engine), history };
  } finally {
    step.dispose();
  }
}
