import type { Resize } from "./preprocessing.ts";

const FILTERS = ["nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"] as const;
const TENSORFLOW = ["nearest", "area", "bilinear", "bicubic", "bilinear-antialias", "bicubic-antialias"] as const;

/** All names of a `Resize`. */
export const resizes: readonly Resize[] = [
  "mobilenets",
  ...FILTERS.map((filter) => `pillow-${filter}` as const),
  "torch-bilinear",
  "torch-bicubic",
  ...TENSORFLOW.map((filter) => `tensorflow-${filter}` as const),
];

/** Whether a value is the name of a `Resize`. */
export function isResize(value: unknown): value is Resize {
  return resizes.includes(value as Resize);
}
