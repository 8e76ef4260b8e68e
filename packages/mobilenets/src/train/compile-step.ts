import { threadsFor } from "../engines/threads-option.ts";
import { WasmRunner } from "../engines/wasm-runner.ts";
import { OptionError, TrainingError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import { bestIsa } from "../kernels/modules.ts";
import { trainingKernels } from "../kernels/training/table.ts";
import { compile } from "../plan/compile.ts";
import { emitPack } from "../plan/lower/training/pack.ts";
import { trainingExtension } from "../plan/lower/training.ts";
import { updateRule } from "./optimisers.ts";
import { parameterGroups } from "./parameter-groups.ts";
import type { Step, StepOptions, TrainingEngine } from "./step.ts";
import { StepLayout } from "./step-layout.ts";
import { type TrainingGraph, trainingGraph } from "./training-graph.ts";
import { WasmStep } from "./wasm-step.ts";

/** What WebAssembly can address, less a page. */
const MOST_BYTES = 2 ** 32 - 2 ** 16;

/** A step that is ready to be compiled: all that is known of it before it has memory. */
export interface PlannedStep {
  readonly training: TrainingGraph;
  readonly layout: StepLayout;
}

/** Plans a training step: what it computes and what memory it takes. */
export function planStep(program: Program, options: StepOptions): PlannedStep {
  const training = trainingGraph(program, options);
  const groups = parameterGroups(Object.keys(training.gradients), options.rateOf);
  const gradients = new Map(groups.flatMap(({ names }) => names.map((name) => [name, training.gradients[name]])));
  const threads = threadsFor(options.threads ?? "auto");
  const plan = compile(training.graph, threads, trainingExtension, { gradients, pack: emitPack });
  const rule = updateRule(options.optimiser);
  return { training, layout: new StepLayout(plan, groups, rule, options.averageDecay !== undefined) };
}

/**
 * Compiles a network's training step: forward and backward pass, optimiser and moving statistics, in one linear memory.
 * @throws OptionError for options out of range, or if nothing is left to train
 * @throws TrainingError if the batch does not fit into memory: says which does
 */
export async function compileStep(program: Program, options: StepOptions): Promise<Step> {
  const { batchSize, averageDecay } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new OptionError({ where: "batchSize", found: `${batchSize}`, expected: "an integer >= 1" });
  }
  if (averageDecay !== undefined && !(averageDecay >= 0 && averageDecay < 1)) {
    throw new OptionError({ where: "averageDecay", found: `${averageDecay}`, expected: "0 to below 1, such as 0.999" });
  }
  const planned = planStep(program, options);
  const { bytes, plan } = planned.layout;
  if (bytes > MOST_BYTES) throw tooLarge(program, options, bytes);
  const runner = await WasmRunner.create({
    name: program.graph.name,
    bytes,
    threads: plan.threads,
    isa: bestIsa(),
    module: trainingKernels.module,
  });
  return new WasmStep(program, planned, options, runner);
}

function tooLarge(program: Program, options: StepOptions, bytes: number): TrainingError {
  const gigabytes = (n: number) => `${(n / 2 ** 30).toFixed(1)} GiB`;
  return new TrainingError({
    where: `a batch of ${options.batchSize}`,
    found: `a training step of ${gigabytes(bytes)}`,
    expected: `at most ${gigabytes(MOST_BYTES)}, which WebAssembly can address`,
    hint: `a batch of ${largestBatch(program, options)} fits; accumulate gradients over several for the same effect`,
  });
}

/** The largest batch whose step fits, found by halving the interval. */
function largestBatch(program: Program, options: StepOptions): number {
  let fits = 0;
  let fails = options.batchSize;
  while (fails - fits > 1) {
    const batchSize = Math.floor((fits + fails) / 2);
    if (planStep(program, { ...options, batchSize }).layout.bytes <= MOST_BYTES) fits = batchSize;
    else fails = batchSize;
  }
  return fits;
}

/** Our own WebAssembly kernels, which train as they infer. */
export const wasmTraining: TrainingEngine = { name: "wasm", compileStep };
