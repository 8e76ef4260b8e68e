import type { ExplicitPadding } from "../graph/window.ts";

/**
 * Padding that keras.applications puts before a stride-2 convolution (`correct_pad`): one less at the top and left for
 * an even size, so that the result equals TensorFlow's `same`.
 */
export function correctPad(height: number, width: number, kernel: number): ExplicitPadding {
  const half = Math.floor(kernel / 2);
  return {
    top: half - (1 - (height % 2)),
    bottom: half,
    left: half - (1 - (width % 2)),
    right: half,
  };
}
