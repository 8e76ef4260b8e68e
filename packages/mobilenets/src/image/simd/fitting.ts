import type { Fitting } from "../fitting.ts";
import { resizeFixed } from "./fixed.ts";
import { resizeFloat } from "./float.ts";
import { PictureMemory } from "./memory.ts";

/**
 * Compiles kernels that resize pictures of any channels for networks of colour, with the bits of JavaScript. JavaScript
 * keeps the rest: networks of grey, pixels that are only copied, and pictures beyond the kernels' memory.
 * @returns a fitting with the kernels, for one without
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
