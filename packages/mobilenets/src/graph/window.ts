import { GraphError } from "../errors.ts";
import type { Shape } from "../tensor.ts";

/** `same` and `valid` as in TensorFlow, or explicit zeros around the picture. */
export type Padding = "same" | "valid" | ExplicitPadding;

export interface ExplicitPadding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** A sliding window's geometry: `[height, width]` pairs, in pixels. */
export interface WindowAttrs {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

export interface WindowGeometry {
  readonly outHeight: number;
  readonly outWidth: number;
  readonly pad: ExplicitPadding;
}

export const noPadding: ExplicitPadding = { top: 0, bottom: 0, left: 0, right: 0 };

/** The same zeros on all four sides, as PyTorch pads. */
export function symmetric(n: number): ExplicitPadding {
  return { top: n, bottom: n, left: n, right: n };
}

/**
 * Output size and padding in pixels of a window over a `height` x `width` picture.
 * TensorFlow's `same` gives ceil(size / stride) outputs and puts an odd zero at the bottom and right.
 * @throws GraphError if the window does not fit into the padded picture
 */
export function windowGeometry(height: number, width: number, attrs: WindowAttrs): WindowGeometry {
  const [kh, kw] = attrs.kernelSize;
  const [sh, sw] = attrs.strides;
  const pad = resolvePadding(height, width, attrs);
  const outHeight = Math.floor((height + pad.top + pad.bottom - kh) / sh) + 1;
  const outWidth = Math.floor((width + pad.left + pad.right - kw) / sw) + 1;
  if (outHeight < 1 || outWidth < 1) {
    throw new GraphError({
      where: "window",
      found: `a ${kh}x${kw} window over a picture of ${height}x${width}`,
      expected: "a picture at least as large as the window",
      hint: "use a larger input size",
    });
  }
  return { outHeight, outWidth, pad };
}

/**
 * Visits every product of a convolution of `height` x `width` pictures by three indices, each row by row: the pixel of
 * the input, the pixel of the result and the tap of the kernel. Pixels count through all pictures of the batch.
 */
export function eachTap(
  [batch, height, width]: Shape,
  attrs: WindowAttrs,
  visit: (from: number, to: number, tap: number) => void,
): void {
  const [kh, kw] = attrs.kernelSize;
  const [sh, sw] = attrs.strides;
  const { outHeight, outWidth, pad } = windowGeometry(height, width, attrs);
  for (let to = 0; to < batch * outHeight * outWidth; to++) {
    const top = (Math.floor(to / outWidth) % outHeight) * sh - pad.top;
    const left = (to % outWidth) * sw - pad.left;
    const picture = Math.floor(to / (outHeight * outWidth)) * height;
    for (let tap = 0; tap < kh * kw; tap++) {
      const y = top + Math.floor(tap / kw);
      const x = left + (tap % kw);
      if (y >= 0 && y < height && x >= 0 && x < width) visit((picture + y) * width + x, to, tap);
    }
  }
}

/**
 * TensorFlow's name for a window's padding of a `height` x `width` picture, `same` if both fit. Undefined for other
 * padding.
 */
export function namedPadding(height: number, width: number, attrs: WindowAttrs): "same" | "valid" | undefined {
  const zeros = (padding: Padding) => {
    const { top, bottom, left, right } = resolvePadding(height, width, { ...attrs, padding });
    return `${top} ${bottom} ${left} ${right}`;
  };
  return (["same", "valid"] as const).find((name) => zeros(name) === zeros(attrs.padding));
}

function resolvePadding(height: number, width: number, { kernelSize, strides, padding }: WindowAttrs): ExplicitPadding {
  if (padding === "valid") return noPadding;
  if (padding !== "same") return padding;
  const vertical = samePadding(height, kernelSize[0], strides[0]);
  const horizontal = samePadding(width, kernelSize[1], strides[1]);
  return { top: vertical.before, bottom: vertical.after, left: horizontal.before, right: horizontal.after };
}

function samePadding(size: number, kernel: number, stride: number): { before: number; after: number } {
  const out = Math.ceil(size / stride);
  const total = Math.max((out - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before };
}
