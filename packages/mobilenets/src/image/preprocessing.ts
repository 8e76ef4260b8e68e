import { OptionError } from "../errors.ts";
import { show } from "../show.ts";

/** The ways a picture of any shape is fitted to the network's input; see `crop.ts`. */
export const CROPS = ["center", "squash", "pad", "aspect"] as const;
/**
 * How a picture of any shape is fitted: `center` keeps the middle, `squash` stretches the whole, `pad` frames the whole.
 * `aspect` is Keras' `keep_aspect_ratio`: the largest central rectangle of whole pixels with the input's proportions.
 */
export type Crop = (typeof CROPS)[number];

/** The form of a `Resize`. The list of names is in the code that resizes, which pages may not load. */
const RESIZE = /^(mobilenets|[a-z]+-[-a-z]+)$/;

/**
 * The library whose arithmetic resizes, and the filter. `mobilenets` is our own: bilinear, antialiased, of a fractional
 * rectangle, not rounded. `pillow-*` gives Pillow's bytes; `torch-*` those of torchvision for byte tensors with
 * `antialias=True`; `tensorflow-*` the numbers of `tf.image.resize`, not rounded.
 */
export type Resize =
  | "mobilenets"
  | `pillow-${"nearest" | "bilinear" | "bicubic" | "box" | "hamming" | "lanczos"}`
  | `torch-${"bilinear" | "bicubic"}`
  | `tensorflow-${"nearest" | "area" | "bilinear" | "bicubic" | "bilinear-antialias" | "bicubic-antialias"}`;

/**
 * How a picture becomes the network's input. It belongs to the weights, which were trained with it: plain data in the
 * metadata of a weight file.
 */
export interface Preprocessing {
  /** Size of the network's input in pixels. */
  readonly height: number;
  readonly width: number;
  /** 1 for a grey network, 3 for RGB. */
  readonly channels: 1 | 3;
  readonly crop: Crop;
  /** For `center`: the share of the shorter side to keep, in (0, 1]. ImageNet networks are evaluated at 0.875. */
  readonly cropFraction: number;
  /** Default `mobilenets`. */
  readonly resize?: Resize;
  /** Per channel, in units of the samples 0..255: a sample x becomes `(x - mean) / std`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Checks data that may come from a file.
 * @throws OptionError for a field that is missing or out of range; `where` names the owner, e.g. the file
 */
export function checkPreprocessing(value: unknown, where = "preprocessing"): asserts value is Preprocessing {
  if (typeof value !== "object" || value === null) {
    throw new OptionError({ where, found: String(value), expected: "an object of preprocessing fields" });
  }
  const fields: Partial<Record<keyof Preprocessing, unknown>> = value;
  const need = (field: keyof Preprocessing, ok: boolean, expected: string): void => {
    if (!ok) throw new OptionError({ where, found: `${field} is ${show(fields[field])}`, expected });
  };
  const { height, width, channels, crop, cropFraction, resize, mean, std } = fields;
  need("height", isSize(height), "a positive integer");
  need("width", isSize(width), "a positive integer");
  need("channels", channels === 1 || channels === 3, "1 or 3");
  need("crop", CROPS.includes(crop as Crop), CROPS.join(", "));
  need("cropFraction", isNumber(cropFraction) && cropFraction > 0 && cropFraction <= 1, "a number in (0, 1]");
  need("resize", resize === undefined || RESIZE.test(String(resize)), "such as mobilenets, pillow-bilinear");
  const size = channels as number;
  need("mean", isVector(mean, size), `${size} finite numbers`);
  need("std", isVector(std, size) && std.every((s) => s > 0), `${size} positive numbers`);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}

function isVector(value: unknown, size: number): value is number[] {
  return Array.isArray(value) && value.length === size && value.every(isNumber);
}
