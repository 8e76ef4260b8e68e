import { type EngineName, selectEngine } from "../engines/select.ts";
import { importedOps } from "../graph/imported-ops.ts";
import { Model } from "../model.ts";
import type { WritableModel } from "../weights/safetensors/model-file.ts";
import { wasmTraining } from "./compile-step.ts";
import { checkFitOptions, type EpochRecord, type FitOptions, fit } from "./fit.ts";
import type { Step, StepOptions } from "./step.ts";

/** Options of `train`: a network, data and settings. */
export interface TrainOptions extends FitOptions, StepOptions {
  /** The network to train, e.g. a `Model`, with one output per target. */
  readonly model: WritableModel;
  /** The engine of validation and of the trained model. Default `auto`. */
  readonly engine?: EngineName;
  /** Called with the compiled step and its memory before the first batch. */
  readonly onCompiled?: (step: Pick<Step, "bytes" | "batchSize">) => void | Promise<void>;
}

/** The result of training. */
export interface Trained {
  /** Ready to run; its weights are the averaged ones if an average was kept. */
  readonly model: Model;
  /** One record per epoch. */
  readonly history: readonly EpochRecord[];
}

/**
 * Trains a network for `epochs` epochs and validates after each. The same options, data and seed give the same weights to
 * the bit, on any number of threads, however often training was interrupted and resumed.
 *
 * @throws TrainingError if the step does not fit into memory (it names a batch size that does), or if the loss is NaN or
 *   infinite (it names the step, and what to try)
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
