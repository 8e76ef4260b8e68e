import { widenFloat16 } from "../../weights/containers/half.ts";
import { type Description, type NarrowSegment, storedBytes } from "../description.ts";

/** Fills linear memory from a payload, whose offset in its buffer is a multiple of 4. */
export function unpack({ segments }: Description, payload: Uint8Array, memory: ArrayBufferLike): void {
  let from = 0;
  for (const segment of segments) {
    const bytes = storedBytes(segment);
    if ("type" in segment) widen(segment, payload.buffer, payload.byteOffset + from, memory);
    else new Uint8Array(memory, segment.at, bytes).set(payload.subarray(from, from + bytes));
    from += bytes;
  }
}

function widen(
  { at, type, panels, columns, taps }: NarrowSegment,
  from: ArrayBufferLike,
  start: number,
  to: ArrayBufferLike,
): void {
  const channels = panels * columns;
  const biases = new Float32Array(from, start, channels);
  const scales = new Float32Array(from, start + biases.byteLength, channels);
  const weightsAt = start + 2 * biases.byteLength;
  const count = channels * taps;
  const stored =
    type === "int8" ? new Int8Array(from, weightsAt, count) : widenFloat16(new Uint16Array(from, weightsAt, count));
  const out = new Float32Array(to, at, channels + count);
  let o = 0;
  let w = 0;
  for (let first = 0; first < channels; first += columns) {
    for (let i = 0; i < columns; i++) out[o++] = biases[first + i];
    for (let tap = 0; tap < taps; tap++) for (let i = 0; i < columns; i++) out[o++] = stored[w++] * scales[first + i];
  }
}
