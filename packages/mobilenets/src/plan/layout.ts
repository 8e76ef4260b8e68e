import { dataTypes, type ValueType } from "../graph/value-type.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import { LINE_BYTES, VECTOR_BYTES } from "../kernels/geometry.ts";
import { roundUp } from "../round-up.ts";
import type { Shape } from "../tensor.ts";

/**
 * The memory layout of a value: picture by picture, row by row, pixel by pixel. A pixel has `cs` numbers: its channels,
 * rounded up to whole vectors. A frame of zeros around each picture lets a window slide over the edge.
 */
export interface MapLayout {
  /** Number of pictures; 1 in inference, which runs a batch one by one. */
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Bytes per number. */
  readonly element: number;
  /** The number that represents zero, and fills frames: the zero point of integers. */
  readonly zero: number;
  /** Numbers from one pixel to the next. */
  readonly cs: number;
  readonly frame: ExplicitPadding;
}

/** The number type of a layout. */
export type NumberType = Pick<MapLayout, "element" | "zero">;

const float32: NumberType = { element: Float32Array.BYTES_PER_ELEMENT, zero: 0 };

/** The number type of a value in a layout. */
export function numberTypeOf({
  dtype = "float32",
  quantization,
}: Pick<ValueType, "dtype" | "quantization">): NumberType {
  return { element: dataTypes[dtype].bytes, zero: quantization?.zeroPoints[0] ?? 0 };
}

/**
 * The layout of a value `[n, ...]` of any rank, or of a vector: the last dimension is channels, the one before is width,
 * the rest is height.
 * @param cs numbers per pixel; default: the channels, rounded up to whole vectors
 * @param type number type; default: float32
 */
export function layoutOf(
  shape: Shape,
  frame: ExplicitPadding = noPadding,
  cs?: number,
  type: NumberType = float32,
): MapLayout {
  if (shape.length === 1) return layoutOf([1, ...shape], frame, cs, type);
  const { element, zero } = type;
  const inner = shape.slice(1);
  const channels = inner[inner.length - 1];
  const width = inner.length > 1 ? inner[inner.length - 2] : 1;
  const height = inner.slice(0, -2).reduce((a, b) => a * b, 1);
  return { images: shape[0], height, width, channels, element, zero, cs: cs ?? inVectors(channels, element), frame };
}

/** A number of elements rounded up to whole vectors. */
export const inVectors = (count: number, element: number) => roundUp(count, VECTOR_BYTES / element);

/**
 * A layout whose pixels are an odd number of 64-byte lines apart. A window reads 3 or 5 rows and several columns at once;
 * at 512 channels all of them would compete for the same few cache sets (measured: 3.5 times slower). Small maps and odd
 * counts do not change.
 */
export function spread(m: MapLayout): MapLayout {
  const step = stepOf(m);
  return step >= 4 * LINE_BYTES && step % (2 * LINE_BYTES) === 0 ? { ...m, cs: m.cs + LINE_BYTES / m.element } : m;
}

/** Bytes from one pixel to the next. */
export const stepOf = (m: MapLayout) => m.element * m.cs;

/** Bytes of one pixel's channels in whole vectors, which per-channel kernels visit. */
export const channelBytes = ({ channels, element }: MapLayout) => element * inVectors(channels, element);

/** Whether every pixel begins at a multiple of a vector. */
export const isAligned = (m: MapLayout) => stepOf(m) % VECTOR_BYTES === 0;

/** Bytes from one row to the next. */
export const pitchOf = (m: MapLayout) => stepOf(m) * (m.frame.left + m.width + m.frame.right);

/** Bytes from the start of the buffer to pixel (0, 0). */
export const originOf = (m: MapLayout) => m.frame.top * pitchOf(m) + m.frame.left * stepOf(m);

/** Bytes from one picture to the next. */
export const imageOf = (m: MapLayout) => pitchOf(m) * (m.frame.top + m.height + m.frame.bottom);

export const bytesOf = (m: MapLayout) => m.images * imageOf(m);

/** Number of vectors of a map, including padding channels: about the operations of a kernel that visits each once. */
export const vectorsOf = (m: MapLayout) => (pixelsOf(m) * stepOf(m)) / VECTOR_BYTES;

/** Number of pixels of all pictures; without frames they are one step apart. */
export const pixelsOf = (m: MapLayout) => m.images * m.height * m.width;

export const isFramed = ({ frame }: MapLayout) => frame.top + frame.bottom + frame.left + frame.right > 0;
