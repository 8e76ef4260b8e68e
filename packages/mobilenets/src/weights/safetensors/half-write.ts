import type { Tensor } from "../../tensor.ts";
import type { Writer } from "../format.ts";
import { writeMetadata } from "../metadata.ts";
import { writeSafetensors } from "./safetensors.ts";

/** The largest finite number of float16. */
const LARGEST = 65504;

/**
 * Writes our native format at half the size: kernels are float16, at no measurable cost for a trained network; norms and
 * biases, which are small, stay float32. Reading widens kernels again.
 */
export const writeHalf: Writer = (model) => {
  const { weights } = model.program;
  const halves = Object.entries(weights).filter(([, tensor]) => tensor.shape.length > 1 && fits(tensor));
  const narrowed = halves.map(([name, { data, shape }]) => [name, { data: narrowFloat16(data), shape }] as const);
  const dtypes = Object.fromEntries(halves.map(([name]) => [name, "F16"]));
  return { bytes: writeSafetensors({ ...weights, ...Object.fromEntries(narrowed) }, writeMetadata(model), dtypes) };
};

const fits = ({ data }: Tensor) => data.every((value) => Math.abs(value) <= LARGEST);

/** Converts to bit patterns of IEEE 754 binary16, rounded to the nearest, ties to even. */
export function narrowFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word, i) => {
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    // From halfway to the next power of 2 on, the nearest value is infinity.
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    // Below 2^-14, numbers are 2^-24 apart.
    if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(values[i]) * 2 ** 24);
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - ((127 - 15) << 23)) >>> 13);
  });
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
