import { type Command, Option } from "commander";
import type { NetworkName } from "mobilenets";
import { type AugmentationName, augmentations, type Schedule } from "mobilenets/train";
import { groups, inGroup } from "../help/groups.ts";
import { networkOption } from "../network-choice.ts";
import { addNetworkOptions, type NetworkFlags } from "../network-options.ts";
import { toInteger } from "../numbers.ts";
import { addPreprocessingOptions, type PreprocessingFlags } from "../pictures/options.ts";
import { labelsOption, threadsOption, weightsSuggestions } from "../run-options.ts";
import { suggest } from "../suggest.ts";
import {
  type OptimiserName,
  optimisers,
  SCHEDULES,
  toClassWeights,
  toNonNegative,
  toPositive,
  toSchedule,
  toShare,
} from "./parsers.ts";

export const modes = ["scratch", "fine-tune", "transfer"] as const;
export type Mode = (typeof modes)[number];

/** Flags of `train`. Undefined flags have defaults that depend on the mode. */
export interface TrainFlags extends NetworkFlags, PreprocessingFlags {
  readonly network?: NetworkName;
  readonly weights?: string;
  /** Class names of weights whose file has none. */
  readonly labels?: string;
  readonly mode?: Mode;
  readonly fromLayer?: string;
  readonly layerDecay?: number;
  readonly freezeNorms?: true;
  readonly epochs?: number;
  readonly batch?: number;
  readonly accumulate?: number;
  readonly optimizer?: OptimiserName;
  readonly lr?: number;
  readonly schedule?: Schedule;
  readonly warmup?: number;
  readonly weightDecay?: number;
  readonly clip?: number;
  readonly ema?: number;
  readonly recalibrate?: true;
  readonly labelSmoothing?: number;
  readonly classWeights?: "balanced" | readonly number[];
  readonly augment?: AugmentationName;
  readonly mixup?: number;
  readonly cutmix?: number;
  readonly dropout?: number;
  readonly seed?: number;
  readonly valSplit?: number;
  readonly val?: string;
  readonly out: string;
  readonly resume?: true;
  readonly overwrite?: true;
  readonly recipe?: string;
  readonly checkpointEvery?: number;
  readonly threads?: "auto" | number;
  readonly workers?: number;
  readonly offline?: true;
  readonly quiet?: true;
  readonly json?: true;
}

/** Flags outside recipes: places of data and results, and settings that do not change the result. */
export const outsideRecipes: readonly (keyof TrainFlags)[] = [
  "val",
  "out",
  "resume",
  "overwrite",
  "recipe",
  "checkpointEvery",
  "threads",
  "workers",
  "offline",
  "quiet",
  "json",
];

/** Headings in the help of `train` only. */
const LEARNING = "How it learns:";
const PARTLY = "Fine-tuning:";
const NETWORK = "Network (default: as the weights have it; from scratch 224 pixels, RGB, alpha 1):";

export function addTrainOptions(command: Command): Command {
  command
    .requiredOption("--out <dir>", "where the run goes; made if missing")
    .addOption(
      suggest(
        new Option(
          "--weights <source>",
          "what to begin with, as for `classify` (default: imagenet; none with --network)",
        ),
        weightsSuggestions,
        { files: true },
      ),
    )
    .addOption(networkOption("which network; not needed where a weight file names it"))
    .addOption(new Option("--mode <how>", "default: transfer; scratch for --network without --weights").choices(modes))
    .option("--epochs <n>", "default: 30; fine-tune 10", toInteger(1))
    .option("--resume", "go on with the run in --out")
    .option("--overwrite", "throw away the run in --out")
    .option(
      "--recipe <file>",
      "JSON with these options, e.g. an earlier run's recipe.json; options given here take precedence",
    )
    .option("--json", "print a JSON object per step, epoch and run, a line each");
  addDataOptions(command);
  inGroup(command, LEARNING, addLearningOptions);
  inGroup(command, PARTLY, () =>
    command
      .option("--from-layer <name>", "train from this layer up, leave those before it as they are")
      .option("--layer-decay <factor>", "each layer learns at this share of the next one's rate", toPositive)
      .option("--freeze-norms", "batch norms keep their statistics"),
  );
  inGroup(command, NETWORK, () =>
    command.addOption(labelsOption()).option("--dropout <share>", "dropout before the classifier", toShare),
  );
  addNetworkOptions(command, NETWORK);
  return inGroup(command, groups.running, () =>
    command
      .option("--checkpoint-every <steps>", "also write a checkpoint every so many steps", toInteger(1))
      .addOption(threadsOption("threads that compute: a number or auto (default: auto)"))
      .option(
        "--workers <n>",
        "threads that decode and augment (default: half of the processor's, at most 4)",
        toInteger(0, 64),
      )
      .option("--offline", "published weights from the cache only")
      .option("--quiet", "no progress on stderr"),
  );
}

function addDataOptions(command: Command): void {
  inGroup(command, groups.pictures, () =>
    command
      .option("--val-split <share>", "share of pictures to validate with, chosen by hash (default: 0.1)", toShare)
      .option("--val <data>", "validate with another folder or list instead")
      .addOption(
        new Option("--augment <name>", "default: light; none for transfer").choices(Object.keys(augmentations)),
      )
      .option("--mixup <a>", "mix pictures by a share from Beta(a, a)", toPositive)
      .option("--cutmix <a>", "put a part of one picture into another, its area from Beta(a, a)", toPositive),
  );
  addPreprocessingOptions(command);
}

function addLearningOptions(command: Command): void {
  command
    .option("--batch <n>", "pictures per step (default: 32)", toInteger(1))
    .option("--accumulate <n>", "batches averaged into one step (default: 1)", toInteger(1))
    .addOption(new Option("--optimizer <name>", "default: nesterov; transfer adam").choices(Object.keys(optimisers)))
    .option("--lr <rate>", "the highest learning rate (default: 0.05; fine-tune 0.01, transfer 0.003)", toPositive)
    .option("--schedule <name>", `${SCHEDULES} (default: cosine)`, toSchedule)
    .option(
      "--warmup <epochs>",
      "epochs that rise to the highest rate (default: 1, at most a tenth of the epochs; one-cycle 0)",
      toNonNegative,
    )
    .option("--weight-decay <x>", "weight decay of kernels (default: 0.00004; transfer 0)", toNonNegative)
    .option("--clip <norm>", "scale gradients down to this norm", toPositive)
    .option("--ema <decay>", "validate and keep a moving average of the weights, e.g. 0.999", toShare)
    .option("--recalibrate", "at the end, compute the statistics of batch norms anew with the final weights")
    .option("--label-smoothing <share>", "share of each label spread over all classes, e.g. 0.1 (default: 0)", toShare)
    .option("--class-weights <w>", "balanced, or a number per class: 1,2.5,1", toClassWeights)
    .option("--seed <n>", "seed of fresh weights, order, augmentation and dropout (default: 0)", toInteger(0));
}
