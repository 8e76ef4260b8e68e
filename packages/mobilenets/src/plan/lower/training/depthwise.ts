import { EngineError } from "../../../errors.ts";
import type { Node } from "../../../graph/graph.ts";
import type { Conv2dInputGradAttrs } from "../../../graph/ops/conv2d_input_grad.ts";
import type { DepthwiseConv2dKernelGradAttrs } from "../../../graph/ops/depthwise_conv2d_kernel_grad.ts";
import { type ExplicitPadding, noPadding, type WindowAttrs, windowGeometry } from "../../../graph/window.ts";
import { f32Dwconv, VECTOR_BYTES } from "../../../kernels/geometry.ts";
import { activationArgs } from "../../activation-args.ts";
import { type Buffer, countOf, pixel } from "../../buffer.ts";
import { channelBytes, imageOf, layoutOf, pitchOf, pixelsOf, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";
import { fastKernelFor, repeated } from "../depthwise.ts";

const MOST_PARTS = 16;
/** Output pixels processed for one group of channels before the next group. */
const BLOCK_PIXELS = 64;

/** With strides of 1 the gradient is a convolution with the reversed window: the fast kernel computes it. */
const turned = (attrs: WindowAttrs) => (attrs.strides[0] * attrs.strides[1] === 1 ? fastKernelFor(attrs) : undefined);

function turnedPadding(attrs: WindowAttrs, height: number, width: number): ExplicitPadding {
  const { pad } = windowGeometry(height, width, attrs);
  const [kh, kw] = attrs.kernelSize;
  return {
    top: kh - 1 - pad.top,
    bottom: kh - 1 - pad.bottom,
    left: kw - 1 - pad.left,
    right: kw - 1 - pad.right,
  };
}

export function depthwiseInputGradFrame(attrs: Conv2dInputGradAttrs, input: number): ExplicitPadding | null {
  if (input !== 0) return null;
  return turned(attrs) ? turnedPadding(attrs, attrs.height, attrs.width) : noPadding;
}

export function lowerDepthwiseInputGrad(ctx: Lowering, node: Node, attrs: Conv2dInputGradAttrs): void {
  const [dyName, kernel] = node.inputs;
  const dy = ctx.aligned(ctx.value(dyName));
  const [, , channels, multiplier] = ctx.paramShape(kernel);
  const c = ctx.result(node);
  if (multiplier === 1) {
    emitInputGrad(ctx, node, attrs, dy, c);
    return;
  }
  // The gradients of all output channels; those of one input channel are then summed.
  const many = ctx.values.buffer(layoutOf([dy.images, attrs.height, attrs.width, channels * multiplier]));
  emitInputGrad(ctx, node, attrs, dy, many);
  ctx.emit(
    "f32-sum-groups",
    { a: pixel(many), aStep: stepOf(many), c: pixel(c), cStep: stepOf(c), rows: pixelsOf(c), channels, multiplier },
    countOf(many),
  );
}

function emitInputGrad(ctx: Lowering, node: Node, attrs: Conv2dInputGradAttrs, dy: Buffer, c: Buffer): void {
  const [, kernel] = node.inputs;
  const { height, width } = attrs;
  const [kh, kw] = attrs.kernelSize;
  const bytes = channelBytes(c);
  const work = (pixelsOf(c) * c.channels * kh * kw) / 2;
  const fast = turned(attrs);
  if (fast) {
    const pad = turnedPadding(attrs, height, width);
    const framed = ctx.framed(dy, pad);
    const args = {
      a: pixel(framed, pad),
      aStep: stepOf(framed),
      aPitch: pitchOf(framed),
      aImage: imageOf(framed),
      w: ctx.packed({
        kind: "panels",
        geometry: f32Dwconv,
        kernel,
        bias: null,
        shape: [kh, kw, 1, c.channels],
        turned: true,
      }),
      c: pixel(c),
      cStep: stepOf(c),
      cPitch: pitchOf(c),
      cImage: imageOf(c),
      images: c.images,
      height,
      width,
      bytes,
      ...activationArgs(node.name, "linear"),
    };
    ctx.emit(fast, args, work);
    return;
  }
  const { outHeight, outWidth, pad } = windowGeometry(height, width, attrs);
  const w = ctx.value(kernel);
  const args = {
    a: pixel(dy),
    aImage: imageOf(dy),
    aPitch: pitchOf(dy),
    aStep: stepOf(dy),
    w: pixel(w),
    wStep: stepOf(w),
    c: pixel(c),
    cImage: imageOf(c),
    cPitch: pitchOf(c),
    cStep: stepOf(c),
    images: c.images,
    height,
    width,
    outHeight,
    outWidth,
    kh,
    kw,
    sh: attrs.strides[0],
    sw: attrs.strides[1],
    top: pad.top,
    left: pad.left,
    bytes,
  };
  ctx.emit("f32-dwconv-input-grad", args, work);
}

export function depthwiseKernelGradFrame(
  attrs: WindowAttrs,
  input: number,
  height: number,
  width: number,
): ExplicitPadding | null {
  return input === 0 ? windowGeometry(height, width, attrs).pad : noPadding;
}

export function lowerDepthwiseKernelGrad(ctx: Lowering, node: Node, attrs: DepthwiseConv2dKernelGradAttrs): void {
  const [kh, kw] = attrs.kernelSize;
  const [sh, sw] = attrs.strides;
  if (kh !== kw || ![1, 3, 5].includes(kh) || sh !== sw) {
    throw new EngineError({
      where: node.name,
      found: `the weights' gradient of a depthwise window of ${kh}x${kw}, strides ${sh},${sw}`,
      expected: "1x1, 3x3 or 5x5, equal strides",
    });
  }
  const [source, dy] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const { pad } = windowGeometry(source.height, source.width, attrs);
  const x = ctx.framed(repeated(ctx, source, attrs.depthMultiplier), pad);
  // Parameters of depthwise layers have adjacent channels.
  const c = ctx.resultIn(node, layoutOf([kh, kw, 1, x.channels]));
  const step = channelBytes(x);
  const parts = Math.min(MOST_PARTS, dy.images * dy.height);
  const sums = ctx.values.buffer(layoutOf([parts, kh * kw * (step / x.element)]));
  ctx.emit(
    `f32-dwconv-kernel-grad-${kh}x${kh}` as "f32-dwconv-kernel-grad-3x3",
    {
      a: pixel(x, pad),
      aImage: imageOf(x),
      aPitch: pitchOf(x),
      aStep: stepOf(x),
      b: pixel(dy),
      bImage: imageOf(dy),
      bPitch: pitchOf(dy),
      bStep: stepOf(dy),
      images: dy.images,
      height: dy.height,
      width: dy.width,
      stride: sh,
      c: pixel(sums),
      cStep: step,
      cPart: imageOf(sums),
      parts,
      block: Math.max(1, Math.floor(BLOCK_PIXELS / dy.width)),
      bytes: step,
    },
    (pixelsOf(dy) * dy.channels * kh * kw) / 2,
  );
  const args = {
    aImage: 0,
    aStep: imageOf(sums),
    cImage: 0,
    images: 1,
    rows: parts,
    channels: kh * kw * (step / x.element),
  };
  ctx.emit(
    "f32-sum-rows",
    { a: pixel(sums), c: pixel(c), ...args, scale: 1 },
    (parts * args.channels * x.element) / VECTOR_BYTES,
  );
}
