import { OptionError } from "../../errors.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { defaultFlavor, type NetworkName } from "../../models/networks.ts";
import type { Flavor, ModelOptions } from "../../models/options.ts";
import { kerasFiles } from "./keras.ts";
import { timmFiles } from "./timm.ts";
import { torchvisionFiles } from "./torchvision.ts";

/** A weight file that its authors published for ImageNet's 1,000 classes. */
export interface Published {
  /** Source and name, e.g. `keras/mobilenet_v2_0.35_96`, for `--weights`. */
  readonly name: string;
  readonly network: NetworkName;
  /** Options of the file's network: flavour, alpha, input size, head. */
  readonly options: ModelOptions & { readonly flavor: Flavor; readonly alpha: number };
  /** Sources, which are tried in order. */
  readonly sources: readonly Source[];
  /** Preprocessing, if it differs from the flavour's. */
  readonly preprocessing?: Partial<Preprocessing>;
}

export interface Source {
  readonly url: string;
  /** The published checksum, if there is one. Other files are pinned by sha256 at the first fetch. */
  readonly checksum?: Checksum;
}

export interface Checksum {
  readonly algorithm: "md5" | "sha256";
  /** Lower-case hexadecimal; only the first 8 digits for files of torch.hub, which publishes no more. */
  readonly hex: string;
}

/** All published ImageNet weights that `load()` knows by name. */
export const published: readonly Published[] = [...kerasFiles, ...torchvisionFiles, ...timmFiles];

const named = new Map(published.map((file) => [file.name, file]));

/** The published file of a name, if there is one. */
export function publishedByName(name: string): Published | undefined {
  return named.get(name);
}

/**
 * The published file of a network for `weights: "imagenet"`. As in keras.applications, an input size without a file gets
 * the file for 224.
 * @throws OptionError for a width without a file; it lists the widths
 */
export function publishedFor(network: NetworkName, options: ModelOptions): Published {
  const { flavor = defaultFlavor(network), alpha = 1, includeTop = true, minimalistic = false } = options;
  const family = published.filter(
    (file) =>
      file.network === network &&
      file.options.flavor === flavor &&
      (file.options.minimalistic ?? false) === minimalistic &&
      (file.options.includeTop ?? true) === includeTop,
  );
  const size = options.inputShape?.[0] === options.inputShape?.[1] ? (options.inputShape?.[0] ?? 224) : 224;
  const ofWidth = family.filter((file) => file.options.alpha === alpha);
  const found = ofWidth.find((file) => sizeOfFile(file) === size) ?? ofWidth.find((file) => sizeOfFile(file) === 224);
  if (found) return found;
  const widths = [...new Set(family.map((file) => file.options.alpha))].sort((a, b) => a - b);
  throw new OptionError({
    where: `${network}, weights "imagenet"`,
    found: `flavor ${flavor}, alpha ${alpha}${minimalistic ? ", minimalistic" : ""}`,
    expected: widths.length > 0 ? `alpha ${widths.join(", ")}` : "a network and flavor with published weights",
    hint: "mobilenets weights list shows all",
  });
}

function sizeOfFile({ options }: Published): number {
  return options.inputShape?.[0] ?? 224;
}
