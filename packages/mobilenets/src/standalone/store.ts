import { WeightsError } from "../errors.ts";
import type { Weights } from "../graph/graph.ts";
import { f32Gemm, panelsOf } from "../kernels/geometry.ts";
import { bytesOfConstant, packConstant } from "../plan/constants.ts";
import type { PackedWeights } from "../plan/pack-panels.ts";
import type { Placed, Plan } from "../plan/plan.ts";
import { narrowFloat16 } from "../weights/safetensors/half-write.ts";
import { type NarrowSegment, type Segment, storedBytes, type WeightsType } from "./description.ts";

/** Linear memory below the arena, as a file stores it. */
export interface Stored {
  readonly segments: readonly Segment[];
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Matrix products of at most so many weights are stored as float16, not int8: they are small, and each weight matters. */
const FEW = 4096;

/**
 * @param steps the step records, which lie at `plan.stepsAt`
 * @throws WeightsError for weights that are NaN or infinite
 */
export function storeMemory(plan: Plan, weights: Weights, steps: Uint8Array, weightsType: WeightsType): Stored {
  const segments: Segment[] = [];
  const pieces: Uint8Array[] = [];
  const plain = (at: number, bytes: Uint8Array) => {
    segments.push({ at, bytes: bytes.length });
    pieces.push(bytes);
  };
  plain(plan.stepsAt, steps);
  for (const constant of plan.constants) {
    const bytes = new Uint8Array(bytesOfConstant(constant));
    packConstant(constant, weights, bytes);
    const numbers = new Float32Array(bytes.buffer);
    if (!numbers.every(Number.isFinite)) {
      const where = constant.kind === "panels" ? constant.kernel : constant.params[0];
      const hint = "is the file of a training that diverged, or of values too large for float16?";
      throw new WeightsError({
        where,
        found: "NaN or infinity among the weights, or once a batch norm is folded in",
        hint,
      });
    }
    if (weightsType === "float32" || constant.kind !== "panels") plain(constant.at, bytes);
    else {
      const segment = segmentOf(constant, weightsType);
      segments.push(segment);
      pieces.push(narrowed(segment, numbers));
    }
  }
  const payload = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const piece of pieces) {
    payload.set(piece, to);
    to += piece.length;
  }
  return { segments, payload };
}

function segmentOf(constant: Placed<PackedWeights>, wanted: NarrowSegment["type"]): NarrowSegment {
  const { at, geometry, shape } = constant;
  const panels = panelsOf(geometry, shape[3]);
  const columns = geometry.nr;
  const taps = bytesOfConstant(constant) / Float32Array.BYTES_PER_ELEMENT / panels / columns - 1;
  const type = geometry === f32Gemm && panels * columns * taps > FEW ? wanted : "float16";
  return { at, type, panels, columns, taps };
}

/** Panels of float32 in the form that `NarrowSegment` describes. */
function narrowed(segment: NarrowSegment, numbers: Float32Array): Uint8Array {
  const { type, panels, columns, taps } = segment;
  const channels = panels * columns;
  const out = new Uint8Array(storedBytes(segment));
  const biases = new Float32Array(out.buffer, 0, channels);
  const scales = new Float32Array(out.buffer, biases.byteLength, channels);
  const ratios = new Float32Array(channels * taps);
  for (let panel = 0, at = 0; panel < panels; panel++) {
    const first = panel * columns;
    biases.set(numbers.subarray(at, at + columns), first);
    const rows = numbers.subarray(at + columns, at + columns * (1 + taps));
    for (let i = 0; i < columns; i++) {
      let largest = 0;
      for (let k = i; k < rows.length; k += columns) largest = Math.max(largest, Math.abs(rows[k]));
      const scale = Math.fround(scaleOf(type, largest));
      scales[first + i] = scale;
      for (let k = i; k < rows.length; k += columns) ratios[first * taps + k] = rows[k] / scale;
    }
    at += columns * (1 + taps);
  }
  const stored = type === "int8" ? Int8Array.from(ratios, Math.round) : narrowFloat16(ratios);
  out.set(new Uint8Array(stored.buffer), 2 * biases.byteLength);
  return out;
}

/** The smallest normal power of two of float32. */
const SMALLEST = 2 ** -126;

/**
 * int8: the largest weight becomes 127. float16: a power of two, which costs no accuracy and keeps a column of very small
 * or very large weights in float16's normal range.
 */
function scaleOf(type: NarrowSegment["type"], largest: number): number {
  if (largest === 0) return 1;
  if (type === "int8") return Math.max(largest / 127, SMALLEST);
  return Math.max(2 ** Math.floor(Math.log2(largest)), SMALLEST);
}
