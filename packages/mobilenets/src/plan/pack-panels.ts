import { dataTypes } from "../graph/value-type.ts";
import { biasBytes, type PanelGeometry, panelBytes, panelsOf } from "../kernels/geometry.ts";
import { roundUp } from "../round-up.ts";
import type { Tensor } from "../tensor.ts";

/** Weights in a kernel's panels. */
export interface PackedWeights {
  readonly kind: "panels";
  readonly geometry: PanelGeometry;
  /** Names of the graph's parameters to pack. */
  readonly kernel: string;
  readonly bias: string | null;
  /** `[kh, kw, channels, columns]`; a depthwise kernel has one channel for each of its columns. */
  readonly shape: readonly [number, number, number, number];
  /**
   * Whether the kernel is stored as `[kh, kw, columns, channels]`, the last tap first, as gradients need it.
   */
  readonly turned?: boolean;
}

/** Packs the taps of all whole panels, `panel` bytes apart; it does not write biases and the last, partial panel. */
export type PackWhole = (kernel: Tensor, columns: number, out: Uint8Array, panel: number) => void;

/**
 * Fills `out` with a kernel's panels. @param packWhole does most of the work; engines have a faster one for some
 * geometries
 */
export function packPanels(
  { geometry, shape, turned = false }: PackedWeights,
  kernel: Tensor,
  bias: Float32Array | null,
  out: Uint8Array,
  packWhole?: PackWhole,
): void {
  const { nr } = geometry;
  const columns = shape[3];
  const panel = panelBytes(geometry, shape);
  const whole = packWhole && !turned ? Math.floor(columns / nr) : 0;
  if (whole > 0) packWhole?.(kernel, columns, out, panel);
  for (let p = 0; p < panelsOf(geometry, columns); p++) {
    const at = out.subarray(p * panel, p < whole ? p * panel + biasBytes(geometry) : (p + 1) * panel);
    at.fill(0);
    const first = p * nr;
    const count = Math.min(nr, columns - first);
    if (bias) viewOf(at, geometry.sums, 0).set(bias.subarray(first, first + count));
    if (p >= whole) packTaps(geometry, shape, turned, kernel, first, count, at);
  }
}

/** Packs `count` columns from `first` on into a panel. */
function packTaps(
  geometry: PanelGeometry,
  [kh, kw, channels, columns]: PackedWeights["shape"],
  turned: boolean,
  { data, scales }: Tensor,
  first: number,
  count: number,
  panel: Uint8Array,
): void {
  const { nr, kr } = geometry;
  const out = viewOf(panel, geometry.dtype, biasBytes(geometry));
  const taps = kh * kw;
  // A turned kernel has the same numbers with other strides.
  const tapStride = channels * columns * (turned ? -1 : 1);
  const [channelStride, columnStride] = turned ? [1, channels] : [columns, 1];
  const start = turned ? (taps - 1) * channels * columns : 0;
  const run = roundUp(kw * channels, kr) * nr;
  for (let i = 0; i < count; i++) {
    for (let tap = 0; tap < taps; tap++) {
      const to = Math.floor(tap / kw) * run;
      for (let c = 0, k = (tap % kw) * channels; c < channels; c++, k++) {
        const from = start + tap * tapStride + c * channelStride + (first + i) * columnStride;
        const factor = scales ? scales[from % scales.length] : 1;
        out[to + (k - (k % kr)) * nr + i * kr + (k % kr)] = data[from] * factor;
      }
    }
  }
}

/** A typed view of bytes from `offset` on. */
function viewOf(bytes: Uint8Array, type: "float32" | "int8" | "int32", offset: number): Float32Array {
  const { array: Numbers, bytes: size } = dataTypes[type];
  return new Numbers(bytes.buffer, bytes.byteOffset + offset, (bytes.length - offset) / size) as Float32Array;
}
