import type { NetworkName } from "../../models/networks.ts";
import type { ResolvedOptions } from "../../models/options.ts";
import type { Numerics } from "./numerics.ts";

/** Widths of the models that `timm.create_model` knows by name. */
const registered: Readonly<Record<string, readonly number[]>> = {
  mobilenetv1: [1, 1.25],
  mobilenetv2: [0.35, 0.5, 0.75, 1, 1.4],
  mobilenetv3_small: [0.5, 0.75, 1],
  mobilenetv3_large: [0.75, 1],
  tf_mobilenetv3_small: [0.75, 1],
  tf_mobilenetv3_large: [0.75, 1],
  tf_mobilenetv3_small_minimal: [1],
  tf_mobilenetv3_large_minimal: [1],
};

/** Functions behind `create_model` that take any width. */
const builders: Readonly<Record<NetworkName, string>> = {
  mobilenet_v1: "timm.models.efficientnet._gen_mobilenet_v1",
  mobilenet_v2: "timm.models.efficientnet._gen_mobilenet_v2",
  mobilenet_v3_small: "timm.models.mobilenetv3._gen_mobilenet_v3",
  mobilenet_v3_large: "timm.models.mobilenetv3._gen_mobilenet_v3",
};

/** The Python call that makes a network in timm. */
export function timmCall(network: NetworkName, options: ResolvedOptions, { padding, epsilon }: Numerics): string {
  const { alpha, classes, includeTop, inputShape, minimalistic } = options;
  const v3 = network.startsWith("mobilenet_v3");
  const base = network.replace("mobilenet_", "mobilenet");
  // The `tf_` models have Google's padding and epsilon by themselves.
  const ported = v3 && padding === "same" && epsilon === 1e-3;
  const family = `${ported ? "tf_" : ""}${base}${minimalistic ? "_minimal" : ""}`;
  const byName = registered[family].includes(alpha);
  const width = Math.round(alpha * 100);
  const args = [
    byName ? `"${family}_${String(width).padStart(3, "0")}"` : `"${family}_100", ${alpha}`,
    ...(includeTop && classes === 1000 ? [] : [`num_classes=${includeTop ? classes : 0}`]),
    ...(inputShape[2] === 3 ? [] : [`in_chans=${inputShape[2]}`]),
    ...((byName && ported) || epsilon === 1e-5 ? [] : [`bn_eps=${epsilon}`]),
    ...((byName && ported) || padding === "symmetric" ? [] : ['pad_type="same"']),
  ];
  return `${byName ? "timm.create_model" : builders[network]}(${args.join(", ")})`;
}
