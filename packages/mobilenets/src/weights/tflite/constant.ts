import { deferred } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../tensor.ts";
import { widenFloat16 } from "../containers/half.ts";
import type { Constant } from "../import/graph-import.ts";
import type { TfliteTensor } from "./model.ts";
import type { TypeName } from "./schema.ts";

/** Reads stored numbers of each type from an aligned buffer. */
const readers: Record<TypeName, { readonly bytes: number; read(buffer: ArrayBuffer): ArrayLike<number> }> = {
  float32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  float16: { bytes: 2, read: (buffer) => widenFloat16(new Uint16Array(buffer)) },
  int32: { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  uint8: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  int64: { bytes: 8, read: (buffer) => Array.from(new BigInt64Array(buffer), Number) },
  int16: { bytes: 2, read: (buffer) => new Int16Array(buffer) },
  int8: { bytes: 1, read: (buffer) => new Int8Array(buffer) },
};

/**
 * Reads a constant: floats, plain integers as floats, or real numbers with the stored integers and scales in `stored`.
 * @throws WeightsError if the number of bytes does not fit the shape
 */
export function constantOf({ name, shape, type, data, quantisation }: TfliteTensor, where: string): Constant {
  const here = `${where}: ${name}`;
  const { bytes, read } = readers[type];
  const size = sizeOf(shape);
  if (!data || data.length !== size * bytes || !shape.every((n) => n > 0)) {
    throw new WeightsError({
      where: here,
      found: `${data?.length ?? 0} bytes`,
      expected: `${size * bytes} for ${type} ${formatShape(shape)}`,
    });
  }
  const { buffer } = new Uint8Array(data);
  if (type === "float16") return deferred(shape, () => read(buffer) as Float32Array);
  const stored = read(buffer);
  if (!quantisation) return { shape, data: Float32Array.from(stored) };

  const { scales, zeroPoints, axis } = quantisation;
  if (scales.length > 1 && shape[axis] !== scales.length) {
    throw new WeightsError({
      where: here,
      found: `${scales.length} scales along axis ${axis} of ${formatShape(shape)}`,
      expected: "1, or one for each index",
    });
  }
  // Distance of neighbours along the axis; a single scale covers the whole tensor.
  const step = scales.length > 1 ? sizeOf(shape.slice(axis + 1)) : size;
  const reals = deferred(shape, () => {
    const values = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const channel = Math.floor(i / step) % scales.length;
      values[i] = (stored[i] - zeroPoints[channel]) * scales[channel];
    }
    return values;
  });
  // No engine computes with 64-bit biases.
  if (type === "int64") return reals;
  return Object.assign(reals, {
    stored: {
      shape,
      data: stored as Int8Array,
      scales: Float64Array.from(scales),
      zeroPoints: Int32Array.from(zeroPoints),
    },
  });
}
