import type { Node } from "../../graph/graph.ts";
import type { DepthwiseConv2dAttrs } from "../../graph/ops/depthwise_conv2d.ts";
import { type ExplicitPadding, noPadding, windowGeometry } from "../../graph/window.ts";
import { f32Dwconv } from "../../kernels/geometry.ts";
import type { KernelName } from "../../kernels/signatures.ts";
import { activationArgs } from "../activation-args.ts";
import { type Buffer, pixel } from "../buffer.ts";
import { channelBytes, imageOf, layoutOf, numberTypeOf, pitchOf, spread, stepOf } from "../layout.ts";
import type { Lowering } from "../lowering.ts";

type FastKernel = KernelName & `f32-dwconv-${"3x3" | "5x5"}s${1 | 2}`;

const fastKernels: Readonly<Record<string, FastKernel>> = {
  "3,3,1,1": "f32-dwconv-3x3s1",
  "3,3,2,2": "f32-dwconv-3x3s2",
  "5,5,1,1": "f32-dwconv-5x5s1",
  "5,5,2,2": "f32-dwconv-5x5s2",
};

/** The fast kernel for this window and stride, if there is one; it wants a frame around its input. */
export function fastKernelFor({
  kernelSize,
  strides,
}: Pick<DepthwiseConv2dAttrs, "kernelSize" | "strides">): FastKernel | undefined {
  return fastKernels[[...kernelSize, ...strides].join(",")];
}

/** Only the fast kernels slide over the edge. Repeated channels always need a copy. */
export function depthwiseFrame(
  attrs: DepthwiseConv2dAttrs,
  input: number,
  height: number,
  width: number,
): ExplicitPadding | null {
  if (input !== 0 || attrs.depthMultiplier !== 1 || !fastKernelFor(attrs)) return null;
  return windowGeometry(height, width, attrs).pad;
}

/** Repeats channels: output channel c * multiplier + m reads input channel c, so the layer then has multiplier 1. */
export function repeated(ctx: Lowering, x: Buffer, multiplier: number): Buffer {
  if (multiplier === 1) return x;
  const copies = ctx.values.buffer(
    layoutOf([x.images, x.height, x.width, x.channels * multiplier], noPadding, undefined, x),
  );
  ctx.copy(x, copies, multiplier);
  return copies;
}

export function lowerDepthwise(ctx: Lowering, node: Node, attrs: DepthwiseConv2dAttrs): void {
  const x = repeated(ctx, ctx.aligned(ctx.value(node.inputs[0])), attrs.depthMultiplier);
  const { outHeight, outWidth, pad } = windowGeometry(x.height, x.width, attrs);
  const [kh, kw] = attrs.kernelSize;
  const w = ctx.packed({
    kind: "panels",
    geometry: f32Dwconv,
    kernel: node.inputs[1],
    bias: attrs.useBias ? node.inputs[2] : null,
    shape: [kh, kw, 1, x.channels],
  });
  const activation = activationArgs(node.name, attrs.activation);
  const work = (x.images * outHeight * outWidth * x.channels * kh * kw) / 2;
  const fast = fastKernelFor(attrs);
  if (fast) {
    const framed = ctx.framed(x, pad);
    const c = ctx.resultIn(node, spread(layoutOf(node.shape, noPadding, undefined, numberTypeOf(node))));
    ctx.emit(
      fast,
      {
        a: pixel(framed, pad),
        aStep: stepOf(framed),
        aPitch: pitchOf(framed),
        aImage: imageOf(framed),
        w,
        c: pixel(c),
        cStep: stepOf(c),
        cPitch: pitchOf(c),
        cImage: imageOf(c),
        images: x.images,
        height: outHeight,
        width: outWidth,
        bytes: channelBytes(x),
        ...activation,
      },
      work,
    );
    return;
  }
  const c = ctx.result(node);
  ctx.emit(
    "f32-dwconv-any",
    {
      a: pixel(x),
      aStep: stepOf(x),
      height: x.height,
      width: x.width,
      kh,
      kw,
      sh: attrs.strides[0],
      sw: attrs.strides[1],
      top: pad.top,
      left: pad.left,
      w,
      c: pixel(c),
      cStep: stepOf(c),
      images: x.images,
      outHeight,
      outWidth,
      bytes: channelBytes(x),
      ...activation,
    },
    work,
  );
}
