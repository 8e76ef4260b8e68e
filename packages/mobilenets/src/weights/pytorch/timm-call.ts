import type { Activation } from "../../graph/activations.ts";
import type { NetworkName } from "../../models/networks.ts";
import type { ResolvedOptions } from "../../models/options.ts";
import type { Numerics } from "./numerics.ts";

/** A network's names in timm's Python. */
interface Family {
  readonly name: string;
  /** Widths with a name in `timm.create_model`, of its own models and of the `tf_` ports. */
  readonly widths: readonly number[];
  readonly portedWidths: readonly number[];
  /** The activation that `act_layer="relu"` replaces. Undefined if timm's network has several kinds of activations. */
  readonly rectifier?: Activation;
  /** Suffix of the name for a width. */
  suffix(alpha: number): string;
  /** The function that `create_model` calls, which takes any width as its second argument. */
  readonly builder: string;
}

const hundredths = (alpha: number) => `_${String(Math.round(alpha * 100)).padStart(3, "0")}`;

const families: Readonly<Record<NetworkName, Family>> = {
  mobilenet_v1: {
    name: "mobilenetv1",
    rectifier: "relu6",
    widths: [1, 1.25],
    portedWidths: [],
    suffix: hundredths,
    builder: "timm.models.efficientnet._gen_mobilenet_v1",
  },
  mobilenet_v2: {
    name: "mobilenetv2",
    rectifier: "relu6",
    widths: [0.35, 0.5, 0.75, 1, 1.4],
    portedWidths: [],
    suffix: hundredths,
    builder: "timm.models.efficientnet._gen_mobilenet_v2",
  },
  mobilenet_v3_small: {
    name: "mobilenetv3_small",
    widths: [0.5, 0.75, 1],
    portedWidths: [0.75, 1],
    suffix: hundredths,
    builder: "timm.models.mobilenetv3._gen_mobilenet_v3",
  },
  mobilenet_v3_large: {
    name: "mobilenetv3_large",
    widths: [0.75, 1],
    portedWidths: [0.75, 1],
    suffix: hundredths,
    builder: "timm.models.mobilenetv3._gen_mobilenet_v3",
  },
  efficientnet_lite0: {
    name: "efficientnet_lite0",
    rectifier: "relu6",
    widths: [1],
    portedWidths: [1],
    suffix: () => "",
    builder: "timm.models.efficientnet._gen_efficientnet_lite",
  },
};

/** Whether timm has a port of Google's weights (`tf_...`) besides its own version of this network. */
export function isPorted(network: NetworkName): boolean {
  return families[network].portedWidths.length > 0;
}

/** The Python call that makes a network in timm. */
export function timmCall(network: NetworkName, options: ResolvedOptions, numerics: Numerics): string {
  const { padding, epsilon, activations } = numerics;
  const { alpha, classes, includeTop, inputShape, minimalistic } = options;
  const family = families[network];
  // The `tf_` models already have Google's padding and epsilon.
  const ported = family.portedWidths.length > 0 && padding === "same" && epsilon === 1e-3;
  const name = `${ported ? "tf_" : ""}${family.name}${minimalistic ? "_minimal" : ""}`;
  const byName = (minimalistic ? [1] : ported ? family.portedWidths : family.widths).includes(alpha);
  const args = [
    byName ? `"${name}${family.suffix(alpha)}"` : `"${name}${family.suffix(1)}", ${alpha}`,
    ...(includeTop && classes === 1000 ? [] : [`num_classes=${includeTop ? classes : 0}`]),
    ...(inputShape[2] === 3 ? [] : [`in_chans=${inputShape[2]}`]),
    ...((byName && ported) || epsilon === 1e-5 ? [] : [`bn_eps=${epsilon}`]),
    ...(family.rectifier && !activations.has(family.rectifier) ? ['act_layer="relu"'] : []),
    ...((byName && ported) || padding === "symmetric" ? [] : ['pad_type="same"']),
  ];
  return `${byName ? "timm.create_model" : family.builder}(${args.join(", ")})`;
}
