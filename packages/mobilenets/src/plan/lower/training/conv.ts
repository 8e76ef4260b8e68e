import type { Node } from "../../../graph/graph.ts";
import type { Conv2dInputGradAttrs } from "../../../graph/ops/conv2d_input_grad.ts";
import { type ExplicitPadding, noPadding, type WindowAttrs, windowGeometry } from "../../../graph/window.ts";
import { VECTOR_BYTES } from "../../../kernels/geometry.ts";
import { type Buffer, pixel } from "../../buffer.ts";
import { imageOf, inVectors, layoutOf, pitchOf, pixelsOf, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";
import { emitGemm } from "../gemm.ts";
import { largestDivisor } from "./divisor.ts";

/** Products up to this size are computed part by part, so that each map is read once. */
const SMALL_PRODUCT = 64 * 1024;
const MOST_PARTS = 16;
/** Bytes of dy that stay in the L2 cache while the product's rows are computed. */
const RUN_BYTES = 256 * 1024;
const LONGEST_RUN = 512;
const SHORTEST_RUN = 64;

const isPointwise = ({ kernelSize, strides }: WindowAttrs) =>
  kernelSize[0] * kernelSize[1] * strides[0] * strides[1] === 1;

/**
 * The gradient is a product with the transposed weights. With a window, it is a convolution of dy, dilated by the
 * strides, with the reversed window.
 */
export function lowerConv2dInputGrad(ctx: Lowering, node: Node, attrs: Conv2dInputGradAttrs): void {
  if (isPointwise(attrs)) {
    emitTransposed(ctx, node);
    return;
  }
  const [kh, kw] = attrs.kernelSize;
  const [sh, sw] = attrs.strides;
  const { height, width } = attrs;
  const [dyName, kernel] = node.inputs;
  const dy = ctx.plain(ctx.value(dyName));
  const { pad } = windowGeometry(height, width, attrs);
  const top = kh - 1 - pad.top;
  const left = kw - 1 - pad.left;
  const spread = ctx.values.buffer({
    ...layoutOf([dy.images, height + kh - 1, width + kw - 1, dy.channels]),
    cs: dy.channels,
  });
  ctx.fillFrame({ ...spread, height: 0, frame: { ...noPadding, top: spread.height } });
  const inside = { ...spread, offset: spread.offset + top * pitchOf(spread) + left * stepOf(spread) };
  ctx.copy(dy, inside, 1, [sh, sw]);
  const [, , channels, filters] = ctx.paramShape(kernel);
  emitGemm(ctx, node, {
    x: spread,
    c: ctx.result(node),
    kernel,
    bias: null,
    shape: [kh, kw, filters, channels],
    strides: [1, 1],
    pad: noPadding,
    activation: "linear",
    turned: true,
  });
}

export function lowerDenseInputGrad(ctx: Lowering, node: Node): void {
  emitTransposed(ctx, node);
}

function emitTransposed(ctx: Lowering, node: Node): void {
  const [dy, kernel] = node.inputs;
  const [channels, filters] = ctx.paramShape(kernel).slice(-2);
  emitGemm(ctx, node, {
    x: ctx.plain(ctx.value(dy)),
    c: ctx.result(node),
    kernel,
    bias: null,
    shape: [1, 1, filters, channels],
    strides: [1, 1],
    pad: noPadding,
    activation: "linear",
    turned: true,
  });
}

/** A window's row is read as one run; a 1x1 kernel reads pixel by pixel, and wants no frame. */
export function conv2dKernelGradFrame(
  attrs: WindowAttrs,
  input: number,
  height: number,
  width: number,
): ExplicitPadding | null {
  return input === 0 && !isPointwise(attrs) ? windowGeometry(height, width, attrs).pad : null;
}

export function lowerDenseKernelGrad(ctx: Lowering, node: Node): void {
  const [x, dy] = node.inputs.map((input) => ctx.plain(ctx.value(input)));
  emitPixels(ctx, x, dy, ctx.result(node));
}

export function lowerConv2dKernelGrad(ctx: Lowering, node: Node, attrs: WindowAttrs): void {
  const dy = ctx.plain(ctx.aligned(ctx.value(node.inputs[1])));
  const x = ctx.value(node.inputs[0]);
  if (isPointwise(attrs)) emitPixels(ctx, ctx.plain(x), dy, ctx.result(node));
  else emitWindows(ctx, x, dy, ctx.result(node), attrs);
}

/** Emits the product over all pixels of all images, in runs of equal length. */
function emitPixels(ctx: Lowering, x: Buffer, dy: Buffer, c: Buffer): void {
  const total = pixelsOf(x);
  const longest = Math.max(SHORTEST_RUN, Math.min(LONGEST_RUN, RUN_BYTES / stepOf(dy)));
  const divisor = largestDivisor(total, longest);
  // If no divisor of the number of pixels is large enough, one run has all of them.
  const pixels = divisor < 16 ? total : divisor;
  const product = { m: x.channels, ns: inVectors(dy.channels, dy.element) };
  const cStep = c.element * product.ns;
  const runs = total / pixels;
  const parts = product.m * cStep <= SMALL_PRODUCT ? largestDivisor(runs, MOST_PARTS) : 1;
  const c0 = parts === 1 ? c : partial(ctx, parts, product);
  const runsInPart = runs / parts;
  const aStep = stepOf(x);
  const bStep = stepOf(dy);
  ctx.emit(
    "f32-gemm-tn",
    {
      a: pixel(x),
      aStep,
      aRun: pixels * aStep,
      aPart: runsInPart * pixels * aStep,
      b: pixel(dy),
      bStep,
      bRun: pixels * bStep,
      bPart: runsInPart * pixels * bStep,
      runs: runsInPart,
      pixels,
      c: pixel(c0),
      cStep,
      cPart: product.m * cStep,
      parts,
      ...product,
    },
    (total * product.m * cStep) / VECTOR_BYTES,
  );
  if (c0 !== c) sumParts(ctx, c0, c, parts, product);
}

/** Emits a step per row of the window; each image is a part. */
function emitWindows(ctx: Lowering, source: Buffer, dy: Buffer, c: Buffer, attrs: WindowAttrs): void {
  const { pad } = windowGeometry(source.height, source.width, attrs);
  const [kh, kw] = attrs.kernelSize;
  const x = ctx.framed(source, pad, kw > 1 ? source.channels : undefined);
  const row = { m: kw * x.channels, ns: inVectors(dy.channels, dy.element) };
  const cStep = c.element * row.ns;
  const whole = { m: kh * row.m, ns: row.ns };
  const parts = x.images;
  const c0 = parts === 1 ? c : partial(ctx, parts, whole);
  const start = pixel(x, pad) as { buffer: number; plus: number };
  const to = pixel(c0) as { buffer: number; plus: number };
  for (let ky = 0; ky < kh; ky++) {
    ctx.emit(
      "f32-gemm-tn",
      {
        a: { ...start, plus: start.plus + ky * pitchOf(x) },
        aStep: attrs.strides[1] * stepOf(x),
        aRun: attrs.strides[0] * pitchOf(x),
        aPart: imageOf(x),
        b: pixel(dy),
        bStep: stepOf(dy),
        bRun: pitchOf(dy),
        bPart: imageOf(dy),
        runs: dy.height,
        pixels: dy.width,
        c: { ...to, plus: to.plus + ky * row.m * cStep },
        cStep,
        cPart: whole.m * cStep,
        parts,
        ...row,
      },
      (pixelsOf(dy) * row.m * cStep) / VECTOR_BYTES,
    );
  }
  if (c0 !== c) sumParts(ctx, c0, c, parts, whole);
}

interface Product {
  readonly m: number;
  readonly ns: number;
}

const partial = (ctx: Lowering, parts: number, { m, ns }: Product): Buffer =>
  ctx.values.buffer(layoutOf([parts, m * ns]));

/** Sums the parts' products in an order that does not depend on the threads. */
function sumParts(ctx: Lowering, from: Buffer, to: Buffer, parts: number, { m, ns }: Product): void {
  const args = { aImage: 0, aStep: imageOf(from), cImage: 0, images: 1, rows: parts, channels: m * ns, scale: 1 };
  ctx.emit("f32-sum-rows", { a: pixel(from), c: pixel(to), ...args }, (parts * m * ns * from.element) / VECTOR_BYTES);
}
