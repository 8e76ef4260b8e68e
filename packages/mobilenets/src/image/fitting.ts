import { type Placement, place } from "./crop.ts";
import type { Picture } from "./picture.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { resize, type Target } from "./resize.ts";

/** How pictures are fitted to the input: which part of one goes where, and the arithmetic that brings it there. */
export interface Fitting {
  /** Where a picture of `width` x `height` pixels goes. */
  place(width: number, height: number, to: Preprocessing): Placement;
  /** Writes numbers 0..255 to a target of the size of the placement's destination. */
  resize(picture: Picture, placement: Placement, target: Target): void;
}

/** Ours: rectangles between pixels, nothing rounded. */
export const ownFitting: Fitting = { place, resize: (picture, { source }, target) => resize(picture, source, target) };

/** Whether a fitting other than ours is asked for. */
export function isOthers({ resize }: Preprocessing): boolean {
  return resize !== undefined && resize !== "mobilenets";
}

/** The fitting that a preprocessing asks for; those of other libraries are loaded when first used. */
export async function fittingOf(preprocessing: Preprocessing): Promise<Fitting> {
  if (!isOthers(preprocessing)) return ownFitting;
  const { othersFitting } = await import("./others-fitting.ts");
  return othersFitting(preprocessing.resize!);
}
