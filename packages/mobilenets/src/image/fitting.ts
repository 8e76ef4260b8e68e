import { type Placement, place } from "./crop.ts";
import { type Normalisation, normalise } from "./normalise.ts";
import type { Picture } from "./picture.ts";
import type { Preprocessing, Resize } from "./preprocessing.ts";
import { ownResampling, type Resampling } from "./resampling.ts";
import { resample, type Target } from "./resize.ts";

/** How pictures are fitted to the input: which part of one goes where, and the arithmetic that brings it there. */
export interface Fitting {
  /** As a preprocessing names it. */
  readonly name: Resize;
  /** Where a picture of `width` x `height` pixels goes. */
  place(width: number, height: number, to: Preprocessing): Placement;
  /** Which pixels a placement's target is made of. */
  resampling(picture: Picture, placement: Placement, target: Target): Resampling;
  /**
   * Writes numbers 0..255 to a target of the size of the placement's destination.
   * @param normalisation makes of them `(x - mean) / std`
   */
  resize(picture: Picture, placement: Placement, target: Target, normalisation?: Normalisation): void;
}

/** Ours: rectangles between pixels, nothing rounded. */
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

/** Whether a fitting other than ours is asked for. */
export function isOthers({ resize }: Preprocessing): boolean {
  return resize !== undefined && resize !== "mobilenets";
}

/** The fitting that a preprocessing asks for; those of other libraries are loaded when first used. */
export async function fittingOf(preprocessing: Preprocessing): Promise<Fitting> {
  const fitting = isOthers(preprocessing)
    ? (await import("./others-fitting.ts")).othersFitting(preprocessing.resize!)
    : ownFitting;
  return faster(fitting);
}

type Faster = (fitting: Fitting) => Fitting;

/** The same fitting with kernels, once they are loaded. They give the same bits. No picture waits for them. */
let faster: Faster = (fitting) => {
  faster = (same) => same;
  import("./simd/fitting.ts")
    .then(({ loadKernels }) => loadKernels())
    // JavaScript stays where a host has no SIMD or compiles nothing.
    .then(
      (found) => {
        faster = found;
      },
      () => {},
    );
  return fitting;
};
