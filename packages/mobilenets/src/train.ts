// mobilenets/train: training, from the pictures to the trained model.
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
export { asTwoClasses } from "./train/two-classes.ts";
