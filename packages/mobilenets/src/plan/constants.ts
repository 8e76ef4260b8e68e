import type { Weights } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";

/** Weights in the order a kernel reads them; `params` name the graph parameters they are made from. */
export type Constant =
  | {
      readonly kind: "gemm";
      readonly kernel: string;
      readonly bias: string | null;
      /** `[kh, kw, channels, filters]` */
      readonly shape: readonly [number, number, number, number];
      /** The kernel is stored as `[kh, kw, filters, channels]`, the last tap first. */
      readonly transposed?: boolean;
    }
  | {
      readonly kind: "dwconv";
      readonly kernel: string;
      readonly bias: string | null;
      /** `[kh, kw, channels]` of the output */
      readonly shape: readonly [number, number, number];
      /** The last tap first. */
      readonly flipped?: boolean;
    }
  | {
      /** Scale or shift of a batch norm that stands alone. */
      readonly kind: "norm-scale" | "norm-shift";
      readonly params: readonly [gamma: string, beta: string, mean: string, variance: string];
      readonly epsilon: number;
      readonly channels: number;
    };

/** Output channels that `f32-gemm` computes at a time. */
export const PANEL = 8;
const VECTOR = 4;

/** How many floats a constant takes. */
export function sizeOfConstant(c: Constant): number {
  switch (c.kind) {
    case "gemm":
      return Math.ceil(c.shape[3] / PANEL) * panelFloats(c.shape);
    case "dwconv":
      return Math.ceil(c.shape[2] / VECTOR) * VECTOR * (1 + c.shape[0] * c.shape[1]);
    default:
      return Math.ceil(c.channels / VECTOR) * VECTOR;
  }
}

/** Floats of one panel of 8 output channels: the biases, then 8 weights per tap and input channel. */
export function panelFloats([kh, kw, channels]: readonly number[]): number {
  return PANEL * (1 + kh * kw * channels);
}

/**
 * Copies columns `8 p` to `8 p + 7` of a kernel of so many columns, scaled, to `out`, row by row, from `8 + p * panel` on,
 * for each p for which there are eight.
 */
export type PackPanels = (kernel: Tensor, columns: number, out: Float32Array, panel: number) => void;

/**
 * Fills `out` (as long as `sizeOfConstant` says) from the weights.
 * @param packPanels does most of the work, while a user waits: engines have a faster one
 */
export function packConstant(c: Constant, weights: Weights, out: Float32Array, packPanels?: PackPanels): void {
  switch (c.kind) {
    case "gemm":
      packGemm(c, weights[c.kernel], c.bias === null ? null : weights[c.bias].data, out, packPanels);
      break;
    case "dwconv":
      packDepthwise(c, weights[c.kernel], c.bias === null ? null : weights[c.bias].data, out);
      break;
    case "norm-scale":
    case "norm-shift": {
      const [gamma, beta, mean, variance] = c.params.map((name) => weights[name].data);
      out.fill(0);
      for (let i = 0; i < c.channels; i++) {
        const scale = gamma[i] / Math.sqrt(variance[i] + c.epsilon);
        out[i] = c.kind === "norm-scale" ? scale : beta[i] - mean[i] * scale;
      }
    }
  }
}

function packGemm(
  { shape: [kh, kw, channels, filters], transposed }: Constant & { kind: "gemm" },
  kernel: Tensor,
  bias: Float32Array | null,
  out: Float32Array,
  packPanels?: PackPanels,
): void {
  const { data, scales } = kernel;
  const panel = panelFloats([kh, kw, channels]);
  const taps = kh * kw;
  const packed = packPanels && !transposed;
  if (packed && filters >= PANEL) packPanels(kernel, filters, out, panel);
  else out.fill(0);
  for (let n = 0; n < filters; n += PANEL) {
    const columns = Math.min(PANEL, filters - n);
    let to = (n / PANEL) * panel;
    if (packed) out.fill(0, to, columns === PANEL ? to + PANEL : to + panel);
    if (bias) for (let i = 0; i < columns; i++) out[to + i] = bias[n + i];
    if (packed && columns === PANEL) continue;
    to += PANEL;
    for (let tap = 0; tap < taps; tap++) {
      const from = tap * channels * filters + n;
      const at = to + tap * channels * PANEL;
      if (transposed) {
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < columns; i++)
            out[at + c * PANEL + i] =
              data[((taps - 1 - tap) * filters + n + i) * channels + c] * (scales ? scales[c] : 1);
      } else
        for (let i = 0; i < columns; i++) {
          const factor = scales ? scales[n + i] : 1;
          for (let c = 0; c < channels; c++) out[at + c * PANEL + i] = data[from + c * filters + i] * factor;
        }
    }
  }
}

function packDepthwise(
  { shape: [kh, kw, channels], flipped }: Constant & { kind: "dwconv" },
  { data, scales }: Tensor,
  bias: Float32Array | null,
  out: Float32Array,
): void {
  const taps = kh * kw;
  out.fill(0);
  for (let c = 0; c < channels; c++) {
    const at = Math.floor(c / VECTOR) * VECTOR * (1 + taps) + (c % VECTOR);
    const factor = scales ? scales[c] : 1;
    if (bias) out[at] = bias[c];
    for (let tap = 0; tap < taps; tap++) {
      out[at + (1 + tap) * VECTOR] = data[(flipped ? taps - 1 - tap : tap) * channels + c] * factor;
    }
  }
}
