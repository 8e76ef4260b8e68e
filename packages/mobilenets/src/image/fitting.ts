import { type Placement, place } from "./crop.ts";
import { type Normalisation, normalise } from "./normalise.ts";
import type { Picture } from "./picture.ts";
import type { Preprocessing, Resize } from "./preprocessing.ts";
import { ownResampling, type Resampling } from "./resampling.ts";
import { resample, type Target } from "./resize.ts";

/** How pictures are fitted to the input: the placement, and the arithmetic of resizing. */
export interface Fitting {
  /** The name in a preprocessing. */
  readonly name: Resize;
  /** Places a picture of `width` x `height` pixels. */
  place(width: number, height: number, to: Preprocessing): Placement;
  /** The resampling of a placement. */
  resampling(picture: Picture, placement: Placement, target: Target): Resampling;
  /**
   * Writes numbers 0..255 to a target of the size of the placement's destination.
   * @param normalisation turns them into `(x - mean) / std`
   */
  resize(picture: Picture, placement: Placement, target: Target, normalisation?: Normalisation): void;
}

/** Our own fitting: fractional rectangles, no rounding. */
export const ownFitting: Fitting = {
  name: "mobilenets",
  place,
  resampling: ownResampling,
  resize(picture, placement, target, normalisation) {
    const { across, down } = ownResampling(picture, placement, target);
    resample(picture, across, down, target);
    if (normalisation) normalise(target, normalisation);
  },
};

/** Whether a preprocessing needs another library's fitting. */
export function isOthers({ resize }: Preprocessing): boolean {
  return resize !== undefined && resize !== "mobilenets";
}

/** The fitting of a preprocessing; those of other libraries are loaded at first use. */
export async function fittingOf(preprocessing: Preprocessing): Promise<Fitting> {
  const fitting = isOthers(preprocessing)
    ? (await import("./others-fitting.ts")).othersFitting(preprocessing.resize!)
    : ownFitting;
  return faster(fitting);
}

type Faster = (fitting: Fitting) => Fitting;

/** Returns the same fitting with kernels, after they are loaded. They give the same bits. No picture waits for them. */
let faster: Faster = (fitting) => {
  faster = (same) => same;
  import("./simd/fitting.ts")
    .then(({ loadKernels }) => loadKernels())
    // Hosts without SIMD or compilation keep JavaScript.
    .then(
      (found) => {
        faster = found;
      },
      () => {},
    );
  return fitting;
};
