import { dataTypes } from "../graph/value-type.ts";
import { roundUp } from "../round-up.ts";
import type { Isa } from "./wat.ts";

/** Bytes that a vector instruction loads or stores. */
export const VECTOR_BYTES = 16;

/** Bytes of a cache line. */
export const LINE_BYTES = 64;

/**
 * How a kernel reads its weights, in XNNPACK's words: all that generator, planner and packer must agree on. Weights lie in
 * panels of `nr` output channels: their sums' initial values (the biases), then for each run of taps, `kr` taps at a time,
 * those taps of the first channel, those of the second, ... Channels and taps that there are not, to the end of a panel or
 * of a run, are zeros.
 */
export interface PanelGeometry {
  /** The kernel, or the family of kernels that differ in their window. */
  readonly kernel: string;
  /** Of a weight. */
  readonly dtype: "float32" | "int8";
  /** Of a bias, and of the sums. */
  readonly sums: "float32" | "int32";
  /** Output channels of a panel. */
  readonly nr: number;
  /** Taps that lie side by side: as many as one instruction multiplies and adds up. */
  readonly kr: number;
  /** Output pixels of the largest tile: what fits in registers beside the weights. */
  readonly mr: Readonly<Record<Isa, number>>;
}

/**
 * The matrix product. Of x64's 16 registers, fused multiply-add fills 15 with 6 rows: 12 accumulators, 2 weights, 1 splat.
 * Hosts of plain SIMD include V8 11 (Node 20), which moves all loads of a loop's body ahead of its arithmetic: one step of
 * 8 accumulators, 2 weights, 4 splats and a product is then the most that fits.
 */
export const f32Gemm = {
  kernel: "f32-gemm",
  dtype: "float32",
  sums: "float32",
  nr: 8,
  kr: 1,
  mr: { simd: 4, relaxed: 6 },
} as const satisfies PanelGeometry;

/**
 * Whether a module has kernels whose tiles are twice as wide, for hosts that make one operation of 256 bits of two of 128:
 * V8, where it is told to. Such hosts know relaxed SIMD. Their tiles read the same panels: two of them side by side.
 */
export const hasWideTiles = (isa: Isa): boolean => isa === "relaxed";

/** Taps that `f32-gemm` takes per turn of its innermost loop, where registers allow: steps count them in `k4`. */
export const F32_GEMM_UNROLL = 4;

/** The product of a transposed matrix with another, for gradients; neither is packed. Tiles as those of `f32Gemm`. */
export const f32GemmTransposed = { nr: f32Gemm.nr, mr: f32Gemm.mr } as const;

/**
 * Depthwise convolution; a panel is a group of channels, of which a tile takes half (4) or, where tiles are wide, all. 7 sums in flight hide what a multiply-add takes to finish, and
 * MobileNets' maps are multiples of 7 pixels wide at the usual 224. Hosts of plain SIMD include V8 11 (Node 20), which
 * would spill them.
 */
export const f32Dwconv = {
  kernel: "f32-dwconv",
  dtype: "float32",
  sums: "float32",
  nr: 8,
  kr: 1,
  mr: { simd: 4, relaxed: 7 },
} as const satisfies PanelGeometry;

/** Whether a kernel computes the sums of products of a layer with weights, which is where its multiply-adds are. */
export const multiplies = (kernel: string): boolean => [f32Gemm, f32Dwconv].some((g) => kernel.startsWith(g.kernel));

/** Bytes of a weight. */
export const elementOf = ({ dtype }: PanelGeometry): number => dataTypes[dtype].bytes;

/** Bytes of a panel's biases, which come first. */
export const biasBytes = ({ nr, sums }: PanelGeometry): number => nr * dataTypes[sums].bytes;

/** Bytes of one tap, or one group of `kr` taps, of all channels of a panel. */
export const tapBytes = (g: PanelGeometry): number => g.nr * g.kr * elementOf(g);

/** Bytes of a panel of a kernel `[kh, kw, channels, columns]`: a run of taps is a row of the window with its channels. */
export const panelBytes = (g: PanelGeometry, [kh, kw, channels]: readonly number[]): number =>
  biasBytes(g) + (kh * roundUp(kw * channels, g.kr) * tapBytes(g)) / g.kr;

export const panelsOf = (g: PanelGeometry, columns: number): number => Math.ceil(columns / g.nr);
