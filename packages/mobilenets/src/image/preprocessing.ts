import { OptionError } from "../errors.ts";
import { show } from "../show.ts";

/** The ways a picture of any shape is fitted to the network's input; see `crop.ts`. */
export const CROPS = ["center", "squash", "pad", "aspect"] as const;
/**
 * How a picture of any shape is fitted: the middle is kept, the whole is stretched, or the whole is framed. `aspect` is
 * Keras' `keep_aspect_ratio`: the largest central rectangle of whole pixels that has the input's proportions.
 */
export type Crop = (typeof CROPS)[number];

/** The form of a `Resize`. Pages do without the list; the code that resizes has it. */
const RESIZE = /^(mobilenets|[a-z]+-[-a-z]+)$/;

/**
 * Whose arithmetic resizes, and with which filter. `mobilenets` is ours: bilinear, antialiased, of a rectangle between
 * pixels, not rounded. `pillow-*` gives Pillow's bytes; `torch-*` what torchvision makes of tensors of bytes with
 * `antialias=True`; `tensorflow-*` what `tf.image.resize` makes, not rounded.
 */
export type Resize =
  | "mobilenets"
  | `pillow-${"nearest" | "bilinear" | "bicubic" | "box" | "hamming" | "lanczos"}`
  | `torch-${"bilinear" | "bicubic"}`
  | `tensorflow-${"nearest" | "area" | "bilinear" | "bicubic" | "bilinear-antialias" | "bicubic-antialias"}`;

/**
 * How a picture becomes the network's input. It belongs to the weights, since they were trained with it: plain data
 * that travels in the metadata of a weight file.
 */
export interface Preprocessing {
  /** Size of the network's input in pixels. */
  readonly height: number;
  readonly width: number;
  /** 1 for a grey network, 3 for RGB. */
  readonly channels: 1 | 3;
  readonly crop: Crop;
  /** With `center`: the share of the shorter side that is kept, in (0, 1]. ImageNet networks are evaluated at 0.875. */
  readonly cropFraction: number;
  /** Default `mobilenets`. */
  readonly resize?: Resize;
  /** Per channel, in the samples' own units 0..255: a sample x becomes `(x - mean) / std`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Checks data that may come from a file.
 * @throws OptionError naming the field that is missing or out of range; `where` names the owner, e.g. the file.
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
