import type { Activation } from "../../graph/activations.ts";
import type { Node } from "../../graph/graph.ts";
import type { ExplicitPadding } from "../../graph/window.ts";
import { F32_GEMM_UNROLL, f32Gemm, panelBytes, panelsOf, VECTOR_BYTES } from "../../kernels/geometry.ts";
import { activationArgs } from "../activation-args.ts";
import { type Address, type Buffer, imageAt, pixel } from "../buffer.ts";
import { inVectors, isFramed, pitchOf, pixelsOf, stepOf } from "../layout.ts";
import type { Lowering } from "../lowering.ts";

export interface GemmProblem {
  readonly x: Buffer;
  readonly c: Buffer;
  readonly residual?: Buffer;
  readonly kernel: string;
  readonly bias: string | null;
  /** `[kh, kw, channels, filters]` */
  readonly shape: readonly [number, number, number, number];
  readonly strides: readonly [number, number];
  readonly pad: ExplicitPadding;
  readonly activation: Activation;
  /** As in `PackedWeights`. */
  readonly turned?: boolean;
}

/** Weights up to this size stay in the L1 cache for all pixels. */
const SMALL_WEIGHTS = 16 * 1024;
/** For larger weights, the size of blocks of input and of weights that share the L2 cache; measured, see docs/lab.md. */
const INPUT_BLOCK = 64 * 1024;
const WEIGHTS_BLOCK = 128 * 1024;
/** With fewer pixels per thread, or many weights, chunks are ranges of output channels instead of pixels. */
const FEW_PIXELS = 48;
const LARGE_WEIGHTS = 256 * 1024;
/** Blocks are whole tiles on every instruction set, and high enough that the weights are not read too often. */
const TILE_ROWS = leastCommonMultiple(Object.values(f32Gemm.mr));
const LEAST_ROWS = 3 * TILE_ROWS;

/** Emits a convolution or, with a 1x1 map, a dense layer: one `f32-gemm` step, or one per picture with windows or frames. */
export function emitGemm(ctx: Lowering, node: Node, p: GemmProblem): void {
  const { x, c, shape, strides } = p;
  const { kernel, bias, turned } = p;
  const w = ctx.packed({ kind: "panels", geometry: f32Gemm, kernel, bias, shape, ...(turned && { turned }) });
  const pointwise = shape[0] * shape[1] * strides[0] * strides[1] === 1;
  if (c.images === 1 || (pointwise && !isFramed(x) && !isFramed(c))) {
    emitPixels(ctx, node, p, w, pixelsOf(c));
    return;
  }
  for (let i = 0; i < c.images; i++) {
    const image = { ...p, x: imageAt(x, i), c: imageAt(c, i), residual: p.residual && imageAt(p.residual, i) };
    emitPixels(ctx, node, image, w, c.height * c.width);
  }
}

function emitPixels(ctx: Lowering, node: Node, p: GemmProblem, w: Address, m: number): void {
  const { x, c } = p;
  const [kh, kw, , filters] = p.shape;
  // A window's row is one run of pixels. The caller ensures that they are adjacent.
  const run = kw * p.shape[2];
  const panel = panelBytes(f32Gemm, p.shape);
  const panels = panelsOf(f32Gemm, filters);
  const bytes = panel * panels;
  const small = bytes <= SMALL_WEIGHTS;
  const rowsInBlock = Math.floor(INPUT_BLOCK / (x.element * kh * run) / TILE_ROWS) * TILE_ROWS;
  const weightBlocks = Math.ceil(bytes / WEIGHTS_BLOCK);
  const aStep = p.strides[1] * stepOf(x);
  const args = {
    a: pixel(x, p.pad),
    aStep,
    aSkip: p.strides[0] * pitchOf(x) - c.width * aStep,
    aPitch: pitchOf(x),
    kh,
    k4: Math.floor(run / F32_GEMM_UNROLL),
    k1: run % F32_GEMM_UNROLL,
    w,
    panel,
    panels,
    c: pixel(c),
    cStep: stepOf(c),
    cSkip: pitchOf(c) - c.width * stepOf(c),
    r: p.residual ? pixel(p.residual) : 0,
    rStep: p.residual ? stepOf(p.residual) : 0,
    width: c.width,
    m,
    mBlock: small ? m : Math.min(m, Math.max(LEAST_ROWS, rowsInBlock)),
    nBlock: Math.ceil(panels / weightBlocks),
    ns: inVectors(filters, c.element),
    splitN: m < FEW_PIXELS * ctx.threads || bytes > LARGE_WEIGHTS ? 1 : 0,
    ...activationArgs(node.name, p.activation),
  };
  // For one pixel, reading the weights takes about four times as long as computing with them.
  const work = (m * kh * run * filters) / (m === 1 ? 1 : VECTOR_BYTES / c.element);
  ctx.emit("f32-gemm", args, work);
}

function leastCommonMultiple(numbers: readonly number[]): number {
  const largest = Math.max(...numbers);
  let multiple = largest;
  while (!numbers.every((n) => multiple % n === 0)) multiple += largest;
  return multiple;
}
