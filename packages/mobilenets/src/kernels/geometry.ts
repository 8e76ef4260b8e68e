import { dataTypes } from "../graph/value-type.ts";
import { roundUp } from "../round-up.ts";
import type { Isa } from "./wat.ts";

/** Bytes that a vector instruction loads or stores. */
export const VECTOR_BYTES = 16;

/** Bytes of a cache line. */
export const LINE_BYTES = 64;

/**
 * The layout of a kernel's weights, in XNNPACK's terms, on which generator, planner and packer agree. A panel of `nr`
 * output channels has the sums' initial values (the biases), then for each run of taps, `kr` taps at a time, those taps of
 * the first channel, of the second, ... Missing channels and taps at the end of a panel or run are zeros.
 */
export interface PanelGeometry {
  /** The kernel, or the family of kernels that differ in their window. */
  readonly kernel: string;
  /** Type of a weight. */
  readonly dtype: "float32" | "int8";
  /** Type of a bias and of the sums. */
  readonly sums: "float32" | "int32";
  /** Output channels per panel. */
  readonly nr: number;
  /** Adjacent taps of a channel: the number that one instruction multiplies and sums. */
  readonly kr: number;
  /** Output pixels of the largest tile: as many as fit in registers besides the weights. */
  readonly mr: Readonly<Record<Isa, number>>;
}

/**
 * The matrix product. Of x64's 16 registers, fused multiply-add fills 15 with 6 rows: 12 accumulators, 2 weights, 1 splat.
 * Hosts with plain SIMD include V8 11 (Node 20), which moves all loads of a loop's body before its arithmetic: one step of
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
 * Whether a module has kernels with tiles of twice the width, for hosts that fuse two operations of 128 bits into one of
 * 256: V8 with a flag. Such hosts have relaxed SIMD. Their tiles read two adjacent panels of the same layout.
 */
export const hasWideTiles = (isa: Isa): boolean => isa === "relaxed";

/** Taps per turn of `f32-gemm`'s innermost loop, if registers allow: steps count them in `k4`. */
export const F32_GEMM_UNROLL = 4;

/** The product of a transposed matrix with another, for gradients; neither is packed. Tiles are those of `f32Gemm`. */
export const f32GemmTransposed = { nr: f32Gemm.nr, mr: f32Gemm.mr } as const;

/**
 * Depthwise convolution; a panel is a group of channels, of which a tile takes half (4) or, if tiles are wide, all. 7 sums
 * hide the latency of a multiply-add, and MobileNets' maps are multiples of 7 pixels wide at the usual 224. Hosts with
 * plain SIMD include V8 11 (Node 20), which would spill them.
 */
export const f32Dwconv = {
  kernel: "f32-dwconv",
  dtype: "float32",
  sums: "float32",
  nr: 8,
  kr: 1,
  mr: { simd: 4, relaxed: 7 },
} as const satisfies PanelGeometry;

/** Whether a kernel computes the multiply-adds of a layer with weights. */
export const multiplies = (kernel: string): boolean => [f32Gemm, f32Dwconv].some((g) => kernel.startsWith(g.kernel));

/** Bytes of a weight. */
export const elementOf = ({ dtype }: PanelGeometry): number => dataTypes[dtype].bytes;

/** Size in bytes of a panel's biases, which come first. */
export const biasBytes = ({ nr, sums }: PanelGeometry): number => nr * dataTypes[sums].bytes;

/** Bytes of one tap, or one group of `kr` taps, of all channels of a panel. */
export const tapBytes = (g: PanelGeometry): number => g.nr * g.kr * elementOf(g);

/** Bytes of a panel of a kernel `[kh, kw, channels, columns]`: a run of taps is a row of the window with its channels. */
export const panelBytes = (g: PanelGeometry, [kh, kw, channels]: readonly number[]): number =>
  biasBytes(g) + (kh * roundUp(kw * channels, g.kr) * tapBytes(g)) / g.kr;

export const panelsOf = (g: PanelGeometry, columns: number): number => Math.ceil(columns / g.nr);
