export { type Profile, profile, type StepProfile } from "./engines/profile.ts";
export type { EngineName } from "./engines/select.ts";
export { engineNames, selectEngine } from "./engines/select.ts";
export {
  EngineError,
  GraphError,
  ImageError,
  MobileNetsError,
  OptionError,
  TrainingError,
  WeightsError,
} from "./errors.ts";
export type { Graph, Node, Program, Weights } from "./graph/graph.ts";
export { printGraph } from "./graph/print.ts";
export { type Saving, type Savings, savings } from "./graph/savings.ts";
export { type LayerSummary, type Summary, summarise } from "./graph/summary.ts";
export type { Picture } from "./image/picture.ts";
export type { Crop, Preprocessing } from "./image/preprocessing.ts";
export { type ImageSource, toPicture } from "./image/source.ts";
export { type LoadOptions, load } from "./load.ts";
export { type ClassifyOptions, Model, type Prediction } from "./model.ts";
export { initialise } from "./models/initialise.ts";
export { buildGraph, checkNetworkName, defaultFlavor, type NetworkName, networkNames } from "./models/networks.ts";
export { type Flavor, flavors, type ModelOptions } from "./models/options.ts";
export { optimise } from "./passes/optimise.ts";
export { compile as compilePlan } from "./plan/compile.ts";
export type { Plan, Step } from "./plan/plan.ts";
export { printPlan } from "./plan/print.ts";
export { ReadError } from "./platform/platform.ts";
export { readBytes } from "./platform/read-bytes.ts";
export type { FetchOptions, Progress } from "./platform/store.ts";
export { type Shape, type Tensor, tensor } from "./tensor.ts";
export type { Batch } from "./train/batch.ts";
export { type ClassifierOptions, type SplitNetwork, splitAtClassifier, withClassifier } from "./train/classifier.ts";
export {
  type Augmentation,
  type AugmentationName,
  augmentations,
  type ColorJitter,
} from "./train/data/augmentation.ts";
export {
  type EvaluationBatchesOptions,
  evaluationBatches,
  type TrainingBatchesOptions,
  trainingBatches,
} from "./train/data/batches.ts";
export { countLabels, type Dataset, type Example, type Warn } from "./train/data/dataset.ts";
export type { Filler, Recipe, Rows, Unreadable } from "./train/data/filler.ts";
export { type InMemoryOptions, inMemory } from "./train/data/in-memory.ts";
export { DataLoader, type LoaderOptions, type Skipped } from "./train/data/loader.ts";
export { batchesPerEpoch } from "./train/data/order.ts";
export { DEFAULT_CACHE_BYTES, PictureFiller } from "./train/data/picture-filler.ts";
export { type Split, type SplitOptions, split } from "./train/data/split.ts";
export { balancedWeights, type TargetOptions, type Targets, targetsOf } from "./train/data/targets.ts";
export { type EvaluateOptions, type Evaluation, evaluate, type Scores, type Verdict } from "./train/evaluate.ts";
export { type Features, featureBatches, featureData } from "./train/feature-data.ts";
export type { EpochEvent, EpochRecord, FitOptions, StepEvent, TrainingData } from "./train/fit.ts";
export { layerRates } from "./train/layer-rates.ts";
export { type RecalibrateOptions, recalibrate } from "./train/recalibrate.ts";
export type { LearningRate, Schedule } from "./train/schedule.ts";
export { lastActivation } from "./train/score.ts";
export type { TrainProgress, TrainState } from "./train/state.ts";
export type { Loss, Optimiser, Step as TrainingStep, StepOptions } from "./train/step.ts";
export { type Trained, type TrainOptions, train } from "./train/train.ts";
export type { Format, OutputFile } from "./weights/format.ts";
export { formatFor, formats } from "./weights/formats.ts";
export { type WritableModel, writeModelFile } from "./weights/model-file.ts";
export { type Published, published, publishedByName, publishedFor } from "./weights/published.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./weights/safetensors.ts";
export { shippedWeights } from "./weights/shipped.ts";
