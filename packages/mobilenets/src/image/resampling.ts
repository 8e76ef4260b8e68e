import { type Coefficients, coefficients } from "./coefficients.ts";
import type { Placement } from "./crop.ts";
import type { FixedSpans } from "./fixed-point.ts";
import type { Picture } from "./picture.ts";
import type { Target } from "./resize.ts";

/** Sums of float64; see `resize.ts`. */
export interface FloatResampling {
  readonly kind: "float";
  /** For the columns of the target. */
  readonly across: Coefficients;
  /** For its rows. */
  readonly down: Coefficients;
  /** Whether the results are rounded to bytes, half to even. */
  readonly bytes: boolean;
}

/** Sums of integers, each pass rounded to bytes; see `fixed-point.ts`. */
export interface FixedResampling {
  readonly kind: "fixed";
  readonly columns: FixedSpans;
  readonly rows: FixedSpans;
  /** Whether rows are weighed first, then columns. */
  readonly rowsFirst: boolean;
}

/** Pixels as they are. */
export interface NearestResampling {
  readonly kind: "nearest";
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** Which pixels of a picture a target is made of, and how: all that resizing it takes. */
export type Resampling = FloatResampling | FixedResampling | NearestResampling;

/** Antialiased bilinear filtering of a rectangle between pixels. */
export function ownResampling(picture: Picture, { source }: Placement, target: Target): FloatResampling {
  return {
    kind: "float",
    across: coefficients(picture.width, source.x, source.width, target.width),
    down: coefficients(picture.height, source.y, source.height, target.height),
    bytes: false,
  };
}
