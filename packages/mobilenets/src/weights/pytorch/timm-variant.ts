import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { symmetric } from "../../graph/window.ts";
import { layers, torchNorm } from "../../models/layers.ts";
import { defaultFlavor, type NetworkName, optionsOf } from "../../models/networks.ts";
import { preprocessingOf } from "../../models/preprocessing.ts";
import { show } from "../../show.ts";
import type { Tensor } from "../../tensor.ts";
import { fromTorch } from "../names/torch-layout.ts";
import type { WeightFile } from "../weight-file.ts";
import type { StateDictHints } from "./state-dict.ts";
import { portedBy, portNote } from "./timm-port.ts";

/** Properties of a family that names and shapes do not show (timm/models/efficientnet.py, mobilenetv3.py). */
interface Family {
  /** The network with the same preprocessing. */
  readonly network: NetworkName;
  /** Stride of the first block of each stage. */
  readonly strides: readonly number[];
  /** Activation in each stage; stem and head have that of the last. */
  readonly bends: readonly Activation[];
  /** Window size of each stage's depthwise convolutions. timm's other networks differ. */
  readonly windows: readonly number[];
  /** Expansion of blocks in all stages except the first; undefined if blocks differ. */
  readonly expansion?: number;
  /** Whether blocks have an activation after the second convolution and no residual, as in V1. */
  readonly plain?: boolean;
  /** Whether blocks may have squeeze-and-excite. */
  readonly gated?: boolean;
}

const every = (n: number, activation: Activation) => Array.from({ length: n }, () => activation);
const v3Bends = (relus: number, swishes: number) => [...every(relus, "relu"), ...every(swishes, "hard_swish")];

const v1: Family = {
  network: "mobilenet_v1",
  strides: [1, 2, 2, 2, 2],
  bends: every(5, "relu6"),
  windows: [3, 3, 3, 3, 3],
  plain: true,
};
const v2: Family = {
  network: "mobilenet_v2",
  strides: [1, 2, 2, 2, 1, 2, 1],
  bends: every(7, "relu6"),
  windows: [3, 3, 3, 3, 3, 3, 3],
  expansion: 6,
};
const lite: Family = { ...v2, network: "efficientnet_lite0", windows: [3, 3, 5, 3, 5, 5, 3] };
const large: Family = {
  network: "mobilenet_v3_large",
  gated: true,
  strides: [1, 2, 2, 2, 1, 2, 1],
  bends: v3Bends(3, 4),
  windows: [3, 3, 5, 3, 3, 5],
};
const small: Family = {
  network: "mobilenet_v3_small",
  gated: true,
  strides: [2, 2, 2, 1, 2, 1],
  bends: v3Bends(2, 4),
  windows: [3, 3, 5, 5, 5],
};

/** Most blocks per stage. */
const MAX_BLOCKS = 40;

/** Returns a parameter in PyTorch's layout; undefined if there is none. */
export type Parameter = (name: string) => Tensor | undefined;

function familyOf(get: Parameter): Family | undefined {
  if (!get("blocks.1.0.conv_pwl.weight")) return get("blocks.4.1.conv_pw.weight") && v1;
  if (get("blocks.6.0.conv.weight")) return large;
  if (get("blocks.5.0.conv.weight")) return small;
  if (!get("blocks.6.0.conv_pwl.weight")) return undefined;
  const window = get("blocks.2.0.conv_dw.weight")?.shape[2];
  return window === 5 ? lite : v2;
}

/**
 * Builds a timm network with another depth, or one more convolution, than our networks: mobilenetv2_110d and 120d,
 * mobilenetv3_large_150d, mobilenetv1_100h, efficientnet_lite1 to 4. The names and shapes of its parameters determine the
 * graph.
 *
 * @param names names of all parameters
 * @returns undefined if parameters are left that no such network has
 */
export function timmVariant(
  names: readonly string[],
  get: Parameter,
  where: string,
  hints: StateDictHints,
): WeightFile | undefined {
  const { config, wanted } = hints;
  const family = familyOf(get);
  const stem = get("conv_stem.weight");
  if (!family || !stem) return undefined;
  const told = wanted?.options?.flavor && wanted.options.flavor !== "timm" ? true : portedBy(hints, where);
  const ported = config?.tensorflow ?? told ?? false;
  const { network } = family;
  const colours = stem.shape[1] === 1 ? 1 : 3;
  const { height = 224, width = 224 } = config?.preprocessing ?? {};
  const inputShape = wanted?.options?.inputShape ?? [height, width, colours];
  const b = new GraphBuilder(`${network}_variant`, inputShape);
  const l = layers(b);
  const tensors: Record<string, Tensor> = {};
  const taken = new Set<string>();
  const norm = ported ? { ...torchNorm, epsilon: 1e-3 } : torchNorm;

  const take = (layer: string, weight: string, module: string, theirs: string, kind: "conv" | "depthwise" | "norm") => {
    const name = `${module}.${theirs}`;
    const tensor = get(name);
    if (!tensor) throw new WeightsError({ where, found: `a variant of timm's ${network} without ${show(name)}` });
    taken.add(name);
    tensors[`${layer}/${weight}`] = fromTorch(kind, weight, tensor, `${where}: ${name}`);
    return tensor.shape;
  };

  function conv(x: string, module: string, stride = 1): string {
    const [filters, , kernel] = take(module, "kernel", module, "weight", "conv");
    const useBias = get(`${module}.bias`) !== undefined;
    if (useBias) take(module, "bias", module, "bias", "conv");
    const padding = ported ? "same" : symmetric((kernel - 1) / 2);
    return l.conv(x, filters, { name: module, kernel, stride, padding, useBias });
  }

  function depthwise(x: string, module: string, stride: number): string {
    const [, , kernel] = take(module, "depthwise_kernel", module, "weight", "depthwise");
    return l.depthwise(x, { name: module, kernel, stride, padding: ported ? "same" : symmetric((kernel - 1) / 2) });
  }

  function bent(x: string, module: string, activation?: Activation): string {
    take(module, "gamma", module, "weight", "norm");
    take(module, "beta", module, "bias", "norm");
    take(module, "moving_mean", module, "running_mean", "norm");
    take(module, "moving_variance", module, "running_var", "norm");
    const y = l.batchNorm(x, norm, module);
    return activation ? l.activation(y, activation, `${module}.act`) : y;
  }

  function squeezed(x: string, module: string): string {
    // EfficientNets are excluded, because their state dict does not show their other activation.
    if (!family?.gated || !get(`${module}.conv_reduce.weight`)) return x;
    const pooled = l.averagePool(x, true, `${module}.pool`);
    const reduced = l.activation(conv(pooled, `${module}.conv_reduce`), "relu", `${module}.act`);
    const gate = l.activation(conv(reduced, `${module}.conv_expand`), "hard_sigmoid", `${module}.gate`);
    return l.multiply(x, gate, `${module}.multiply`);
  }

  /** Whether a block belongs to the family. */
  function belongs(at: string, stage: number): boolean {
    const window = get(`${at}.conv_dw.weight`)?.shape[2];
    if (window !== undefined && window !== family?.windows[stage]) return false;
    const [wide, narrow] = get(`${at}.conv_pw.weight`)?.shape ?? [];
    const inverted = get(`${at}.conv_pwl.weight`) !== undefined;
    return !inverted || family?.expansion === undefined || wide === narrow * family.expansion;
  }

  function block(input: string, at: string, stride: number, act: Activation): string {
    if (get(`${at}.conv.weight`)) return bent(conv(input, `${at}.conv`, stride), `${at}.bn1`, act);
    const inverted = get(`${at}.conv_pwl.weight`) !== undefined;
    let x = input;
    if (inverted) x = bent(conv(x, `${at}.conv_pw`), `${at}.bn1`, act);
    x = bent(depthwise(x, `${at}.conv_dw`, stride), `${at}.bn${inverted ? 2 : 1}`, act);
    x = squeezed(x, `${at}.se`);
    const last = family?.plain ? act : undefined;
    x = inverted ? bent(conv(x, `${at}.conv_pwl`), `${at}.bn3`) : bent(conv(x, `${at}.conv_pw`), `${at}.bn2`, last);
    const same = l.shape(x).join() === l.shape(input).join();
    return stride === 1 && same && !family?.plain ? l.add(input, x, `${at}.add`) : x;
  }

  const late = family.bends.at(-1) as Activation;
  let x = bent(conv(b.input, "conv_stem", 2), "bn1", late);
  family.strides.forEach((stride, stage) => {
    for (let i = 0; i < MAX_BLOCKS; i++) {
      const at = `blocks.${stage}.${i}`;
      if (!get(`${at}.bn1.weight`)) break;
      if (!belongs(at, stage))
        throw new WeightsError({ where, found: `a block ${at} that timm's ${network} does not have` });
      x = block(x, at, i === 0 ? stride : 1, family.bends[stage]);
    }
  });
  const normed = get("bn2.weight") !== undefined;
  if (get("conv_head.weight") && normed) x = bent(conv(x, "conv_head"), "bn2", late);
  const { includeTop, pooling } = wanted?.options ?? {};
  // A `features_only` network, which ends before the head, as our networks without classifier do.
  const bare = !get("classifier.weight") && !get("conv_head.weight") && !family.plain;
  const isMap = pooling !== "avg" && (includeTop === false || bare);
  if (!isMap) {
    x = l.averagePool(x, true, "global_pool");
    if (get("conv_head.weight") && !normed) x = l.activation(conv(x, "conv_head"), late, "conv_head.act");
    x = l.flatten(x, "flatten");
  } else if (!normed) taken.add("conv_head.weight").add("conv_head.bias");
  if (!isMap && get("classifier.weight") && wanted?.options?.includeTop !== false) {
    const [units] = take("classifier", "kernel", "classifier", "weight", "conv");
    take("classifier", "bias", "classifier", "bias", "conv");
    const end = wanted?.options?.classifierActivation;
    x = l.dense(x, units, end === null ? "linear" : (end ?? "softmax"), "classifier");
  } else {
    taken.add("classifier.weight").add("classifier.bias");
  }
  if (names.some((name) => !taken.has(name))) return undefined;
  const flavor = ported ? defaultFlavor(network) : "timm";
  const { mean, std } = preprocessingOf(optionsOf(network, { flavor, inputShape }), network);
  return {
    tensors,
    graph: b.build(x),
    shaped: true,
    preprocessing: config?.preprocessing ?? { mean, std },
    options: { flavor },
    labels: config?.labels,
    ...(config || told !== undefined || wanted?.options?.flavor ? {} : portNote(network)),
  };
}
