import { type Coefficients, coefficients } from "./coefficients.ts";
import type { Placement } from "./crop.ts";
import type { FixedSpans } from "./fixed-point.ts";
import type { Picture } from "./picture.ts";
import type { Target } from "./resize.ts";

/** Resampling with float64 sums; see `resize.ts`. */
export interface FloatResampling {
  readonly kind: "float";
  /** Weights of the target's columns. */
  readonly across: Coefficients;
  /** Weights of the target's rows. */
  readonly down: Coefficients;
  /** Whether the results are rounded to bytes, half to even. */
  readonly bytes: boolean;
}

/** Resampling with integer sums, each pass rounded to bytes; see `fixed-point.ts`. */
export interface FixedResampling {
  readonly kind: "fixed";
  readonly columns: FixedSpans;
  readonly rows: FixedSpans;
  /** Whether the pass over rows comes first. */
  readonly rowsFirst: boolean;
}

/** Resampling that copies pixels. */
export interface NearestResampling {
  readonly kind: "nearest";
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** The input pixels of each output pixel, with their weights. */
export type Resampling = FloatResampling | FixedResampling | NearestResampling;

/** Antialiased bilinear filtering of a fractional rectangle. */
export function ownResampling(picture: Picture, { source }: Placement, target: Target): FloatResampling {
  return {
    kind: "float",
    across: coefficients(picture.width, source.x, source.width, target.width),
    down: coefficients(picture.height, source.y, source.height, target.height),
    bytes: false,
  };
}
