import type { Fitting } from "../fitting.ts";
import { resizeFixed } from "./fixed.ts";
import { resizeFloat } from "./float.ts";
import { PictureMemory } from "./memory.ts";

/**
 * Compiles kernels that resize pictures of any channels for colour networks, with the same bits as JavaScript. JavaScript
 * does the rest: grey networks, pixels that are only copied, and pictures beyond the kernels' memory.
 * @returns a function that gives a fitting with kernels for one without
 */
export async function loadKernels(): Promise<(fitting: Fitting) => Fitting> {
  const memory = await PictureMemory.create();
  return (fitting) => ({
    ...fitting,
    resize(picture, placement, target, normalisation) {
      const how = target.channels === 3 ? fitting.resampling(picture, placement, target) : undefined;
      const isDone =
        (how?.kind === "float" && resizeFloat(memory, picture, how, target, normalisation)) ||
        (how?.kind === "fixed" && resizeFixed(memory, picture, how, target, normalisation));
      if (!isDone) fitting.resize(picture, placement, target, normalisation);
    },
  });
}
