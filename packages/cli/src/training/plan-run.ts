import { OptionError } from "mobilenets";
import { didYouMean, type Graph } from "mobilenets/graph";
import {
  type Augmentation,
  type AugmentationName,
  augmentations,
  type LearningRate,
  layerRates,
  type Optimiser,
  type TargetOptions,
} from "mobilenets/train";
import type { Mode, TrainFlags } from "./flags.ts";
import { type OptimiserName, optimisers } from "./parsers.ts";

/** All settings of a run except network and data, with defaults filled in. */
export interface RunPlan {
  readonly mode: Mode;
  readonly epochs: number;
  readonly batchSize: number;
  readonly accumulate: number;
  readonly optimiser: Optimiser;
  readonly learningRate: LearningRate;
  readonly weightDecay: number;
  readonly clipNorm?: number;
  readonly averageDecay?: number;
  readonly augmentation: Augmentation;
  readonly targets: TargetOptions;
  readonly dropout?: number;
  readonly seed: number;
}

interface Defaults {
  readonly epochs: number;
  readonly optimizer: OptimiserName;
  readonly lr: number;
  readonly weightDecay: number;
  readonly augment: AugmentationName;
}

const WEIGHT_DECAY = 0.00004;

const defaults: Record<Mode, Defaults> = {
  scratch: { epochs: 30, optimizer: "nesterov", lr: 0.05, weightDecay: WEIGHT_DECAY, augment: "light" },
  "fine-tune": { epochs: 10, optimizer: "nesterov", lr: 0.01, weightDecay: WEIGHT_DECAY, augment: "light" },
  transfer: { epochs: 30, optimizer: "adam", lr: 0.003, weightDecay: 0, augment: "none" },
};

const DEFAULT_BATCH = 32;
const DEFAULT_SPLIT = 0.1;

/**
 * Fills in all defaults, so a recipe is complete.
 * @param examples number of training examples
 * @throws OptionError for conflicting options
 */
export function withDefaults(flags: TrainFlags, examples: number): TrainFlags {
  const mode = modeOf(flags);
  const base = defaults[mode];
  const { epochs = base.epochs, schedule = { kind: "cosine" } } = flags;
  return {
    ...flags,
    ...(mode !== "scratch" && { weights: flags.weights ?? "imagenet" }),
    mode,
    epochs,
    // The default fits even a few pictures. A requested size that does not fit is refused.
    batch: flags.batch ?? Math.min(DEFAULT_BATCH, examples),
    accumulate: flags.accumulate ?? 1,
    optimizer: flags.optimizer ?? base.optimizer,
    lr: flags.lr ?? base.lr,
    schedule,
    // One-cycle has its own warm-up.
    warmup: flags.warmup ?? (schedule.kind === "one-cycle" ? 0 : Math.min(1, epochs / 10)),
    weightDecay: flags.weightDecay ?? base.weightDecay,
    labelSmoothing: flags.labelSmoothing ?? 0,
    augment: flags.augment ?? base.augment,
    seed: flags.seed ?? 0,
    valSplit: flags.val === undefined ? (flags.valSplit ?? DEFAULT_SPLIT) : undefined,
  };
}

/** @param flags with defaults filled in */
export function planRun(flags: TrainFlags, multiLabel: boolean): RunPlan {
  const { mixup, cutmix, labelSmoothing, classWeights } = flags;
  return {
    mode: flags.mode!,
    epochs: flags.epochs!,
    batchSize: flags.batch!,
    accumulate: flags.accumulate!,
    optimiser: optimisers[flags.optimizer!],
    learningRate: { peak: flags.lr!, schedule: flags.schedule, warmup: flags.warmup },
    weightDecay: flags.weightDecay!,
    clipNorm: flags.clip,
    averageDecay: flags.ema,
    augmentation: { ...augmentations[flags.augment!], mixup, cutmix },
    targets: { labelSmoothing, classWeights, multiLabel },
    dropout: flags.dropout,
    seed: flags.seed!,
  };
}

function modeOf(flags: TrainFlags): Mode {
  const { weights, network, mode = weights === undefined && network !== undefined ? "scratch" : "transfer" } = flags;
  const refuse = (where: string, found: string, hint: string): never => {
    throw new OptionError({ where, found, hint });
  };
  if (mode === "scratch" && weights !== undefined) {
    refuse("--mode scratch", `--weights ${weights}`, "leave the weights out, or choose fine-tune or transfer");
  }
  if (mode === "scratch" && !flags.network) {
    refuse("--network", "none", "name the network to train from scratch");
  }
  for (const key of ["fromLayer", "layerDecay", "freezeNorms"] as const) {
    if (flags[key] === undefined || mode === "fine-tune") continue;
    refuse(`--${dashed(key)}`, `given with --mode ${mode}`, "it is for --mode fine-tune");
  }
  if (flags.recalibrate && (mode === "transfer" || flags.fromLayer !== undefined || flags.freezeNorms)) {
    refuse("--recalibrate", "given for a network with frozen batch norms", "frozen batch norms keep their statistics");
  }
  for (const key of ["augment", "mixup", "cutmix"] as const) {
    if (flags[key] === undefined || flags[key] === "none" || mode !== "transfer") continue;
    refuse(
      `--${key}`,
      "given with --mode transfer",
      "features are computed once, so pictures do not vary: use fine-tune",
    );
  }
  return mode;
}

/** The options of training for `--from-layer`, `--layer-decay` and `--freeze-norms`. */
export function freezing(flags: TrainFlags, graph: Graph) {
  const { fromLayer, layerDecay, freezeNorms } = flags;
  return {
    freezeUntil: fromLayer === undefined ? undefined : layerBefore(graph, fromLayer),
    freezeNorms,
    rateOf: layerDecay === undefined ? undefined : layerRates(graph, layerDecay),
  };
}

/** The layer before the first trained one. Undefined if that is the network's first. */
function layerBefore({ name: network, nodes }: Graph, name: string): string | undefined {
  const at = nodes.findIndex((node) => node.name === name);
  if (at >= 0) return nodes[at - 1]?.name;
  const names = nodes.map((node) => node.name);
  const hint = didYouMean(name, names) ?? "`mobilenets summary` lists them";
  throw new OptionError({ where: "--from-layer", found: `no layer "${name}" in ${network}`, hint });
}

function dashed(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
