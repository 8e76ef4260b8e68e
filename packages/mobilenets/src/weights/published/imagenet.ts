import { packagedWeights } from "#platform";
import { OptionError } from "../../errors.ts";
import type { NetworkName } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import type { Published } from "./published.ts";

/** The network whose weights are a package: the default of `load`. */
export const PACKAGED = { network: "efficientnet_lite0", flavor: "tensorflow", alpha: 1 } as const;

/**
 * Resolves `weights: "imagenet"` for a network: the address in the package of weights, or a published file.
 * @throws OptionError for classes other than ImageNet's, or an unpublished width
 * @throws WeightsError if the package is not installed
 */
export async function imagenetWeights(network: NetworkName, options: ModelOptions): Promise<string | Published> {
  const { flavor = PACKAGED.flavor, alpha = PACKAGED.alpha, includeTop = true, classes = 1000 } = options;
  if (includeTop && classes !== 1000) {
    throw new OptionError({
      where: `${network}, weights "imagenet"`,
      found: `classes ${classes}`,
      expected: "1000, the classes of ImageNet",
      hint: 'use includeTop: false and a classifier of your own, or weights: "random" to begin from scratch',
    });
  }
  if (network === PACKAGED.network && flavor === PACKAGED.flavor && alpha === PACKAGED.alpha) return packagedWeights();
  const { publishedFor } = await import("./published.ts");
  return publishedFor(network, options);
}

/** Whether a text may name a published file (`timm/...`); only then is the list loaded. */
export function maybePublished(name: string): boolean {
  return /^(keras|torchvision|timm)\//.test(name);
}
