import { OptionError } from "../errors.ts";
import { type Activation, checkActivation } from "../graph/activations.ts";
import { show } from "../show.ts";

/**
 * Published networks of one name differ. A flavour names the source: `keras` (keras.applications; also the `tf_` models
 * of timm), `tensorflow` (the authors' own code, for networks that Keras lacks; also the `tf_` models of timm),
 * `torchvision`, `timm` (its models without `tf_`), `article` (the three networks that this project began with), or
 * `torchvision_quantizable` (V2 of `torchvision.models.quantization`, with ReLU instead of ReLU6).
 */
export type Flavor = "keras" | "tensorflow" | "torchvision" | "timm" | "article" | "torchvision_quantizable";

/** All flavours; each network has some of them. */
export const flavors: readonly Flavor[] = [
  "keras",
  "tensorflow",
  "torchvision",
  "timm",
  "article",
  "torchvision_quantizable",
];

/** Flavours by the framework of their files, the most likely first. */
const frameworks = {
  tensorflow: ["keras", "tensorflow", "article"],
  pytorch: ["torchvision", "timm", "torchvision_quantizable"],
} as const satisfies Record<string, readonly Flavor[]>;

/** The flavours that a framework's file may have, the most likely first. */
export function flavorsIn(framework: keyof typeof frameworks): readonly Flavor[] {
  return frameworks[framework];
}

/** Options with the names of keras.applications, in camel case. */
export interface ModelOptions {
  /** Default `keras`; `tensorflow` for EfficientNet-Lite. */
  readonly flavor?: Flavor;
  /** `[height, width, channels]`; height and width at least 32, 1 or 3 channels. Default `[224, 224, 3]`. */
  readonly inputShape?: readonly [number, number, number];
  /** Width multiplier, > 0. Default 1. */
  readonly alpha?: number;
  /** V1 only: output channels per input channel of each depthwise convolution, an integer >= 1. Default 1. */
  readonly depthMultiplier?: number;
  /** Share of features dropped before the classifier in training, 0 <= rate < 1. Default: the published rate. */
  readonly dropout?: number;
  /** Number of classes. Default 1000. */
  readonly classes?: number;
  /** Keeps the classifier. Default true. */
  readonly includeTop?: boolean;
  /** Without the classifier: pools the last map to one vector per picture. Default null, the map itself. */
  readonly pooling?: "avg" | "max" | null;
  /** `null` or `linear` gives logits. Default `softmax`. */
  readonly classifierActivation?: Activation | null;
  /** V3, flavour keras: 3x3 kernels, ReLU, no squeeze-and-excite. Default false. */
  readonly minimalistic?: boolean;
  /** V3, flavour keras: starts with a Rescaling layer, for input from 0 to 255. Default true. */
  readonly includePreprocessing?: boolean;
}

/** All options with their values filled in. */
export type ResolvedOptions = {
  readonly [K in Exclude<keyof ModelOptions, "pooling">]-?: NonNullable<ModelOptions[K]>;
} & { readonly pooling: "avg" | "max" | null };

/** The options that a network in one flavour accepts beyond those of all networks. */
export interface Accepts {
  readonly depthMultiplier?: boolean;
  readonly minimalistic?: boolean;
  readonly includePreprocessing?: boolean;
  /** The published dropout rate; left out if the network has no dropout layer. */
  readonly dropout?: number;
}

export const MIN_SIZE = 32;

/** Names of all model options. */
export const modelOptionNames: readonly string[] = [
  "flavor",
  "inputShape",
  "alpha",
  "depthMultiplier",
  "dropout",
  "classes",
  "includeTop",
  "pooling",
  "classifierActivation",
  "minimalistic",
  "includePreprocessing",
] satisfies (keyof ModelOptions)[];

/**
 * Fills in defaults and refuses options that the network does not have.
 * @param where the network's name, for error messages
 * @throws OptionError for an invalid option; it names the option, the value and the accepted values
 */
export function resolveOptions(
  where: string,
  flavor: Flavor,
  options: ModelOptions,
  accepts: Accepts,
): ResolvedOptions {
  const refuse = (option: string, found: unknown, expected: string): never => {
    throw new OptionError({ where, found: `${option} ${show(found)}`, expected });
  };
  const unknown = Object.keys(options).find((key) => !modelOptionNames.includes(key));
  if (unknown !== undefined) refuse("option", unknown, `one of ${modelOptionNames.join(", ")}`);
  const inapplicable = (option: "depthMultiplier" | "minimalistic" | "includePreprocessing", neutral: unknown) => {
    const value = options[option];
    if (value !== undefined && value !== neutral && accepts[option] === undefined) {
      refuse(option, value, `none: ${where} in flavor ${flavor} has no such option`);
    }
  };
  inapplicable("depthMultiplier", 1);
  inapplicable("minimalistic", false);
  inapplicable("includePreprocessing", false);
  if (options.dropout && accepts.dropout === undefined) {
    refuse("dropout", options.dropout, `none: ${where} in flavor ${flavor} has no dropout layer`);
  }

  const inputShape = options.inputShape ?? [224, 224, 3];
  // Options of an unknown file may be anything.
  const [height, width, channels] = Array.isArray(inputShape) ? inputShape : [0, 0, 0];
  const whole = (n: number, least: number) => Number.isInteger(n) && n >= least;
  if (inputShape.length !== 3 || !whole(height, MIN_SIZE) || !whole(width, MIN_SIZE) || ![1, 3].includes(channels)) {
    refuse("inputShape", inputShape, `[height, width, channels] with sizes >= ${MIN_SIZE} and 1 or 3 channels`);
  }
  const alpha = options.alpha ?? 1;
  if (!(alpha > 0 && Number.isFinite(alpha))) refuse("alpha", alpha, "a number > 0, e.g. 0.25, 0.5, 0.75 or 1");
  const depthMultiplier = options.depthMultiplier ?? 1;
  if (!whole(depthMultiplier, 1)) refuse("depthMultiplier", depthMultiplier, "an integer >= 1");
  const dropout = options.dropout ?? accepts.dropout ?? 0;
  if (!(dropout >= 0 && dropout < 1)) refuse("dropout", dropout, "a rate from 0 to below 1");
  const classes = options.classes ?? 1000;
  if (!whole(classes, 1)) refuse("classes", classes, "an integer >= 1");
  const pooling = options.pooling ?? null;
  if (![null, "avg", "max"].includes(pooling)) refuse("pooling", pooling, '"avg", "max" or null');
  return {
    flavor,
    inputShape,
    alpha,
    depthMultiplier,
    dropout,
    classes,
    includeTop: options.includeTop ?? true,
    pooling,
    classifierActivation: checkActivation(
      `${where}: classifierActivation`,
      options.classifierActivation === undefined ? "softmax" : (options.classifierActivation ?? "linear"),
    ),
    minimalistic: options.minimalistic ?? false,
    includePreprocessing: options.includePreprocessing ?? accepts.includePreprocessing ?? false,
  };
}
