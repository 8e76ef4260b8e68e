import type { Node } from "../../graph/graph.ts";
import type { ZeroPadding2dAttrs } from "../../graph/ops/zero_padding2d.ts";
import { noPadding } from "../../graph/window.ts";
import { type Buffer, pixel } from "../buffer.ts";
import { channelBytes, imageOf, layoutOf, stepOf, vectorsOf } from "../layout.ts";
import type { Lowering } from "../lowering.ts";

export function lowerGlobalAverage(ctx: Lowering, node: Node): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const scale = 1 / (x.height * x.width);
  ctx.emit("f32-sum-rows", { ...perImage(x, ctx.result(node)), scale }, vectorsOf(x));
}

export function lowerGlobalMax(ctx: Lowering, node: Node): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  ctx.emit("f32-max-rows", perImage(x, ctx.result(node)), vectorsOf(x));
}

/** Arguments of the reductions over a picture's pixels. */
export function perImage(x: Buffer, c: Buffer) {
  return {
    a: pixel(x),
    aImage: imageOf(x),
    aStep: stepOf(x),
    c: pixel(c),
    cImage: imageOf(c),
    images: x.images,
    rows: x.height * x.width,
    channels: channelBytes(x) / x.element,
  };
}

/** The numbers stay in place, unless padding channels separate them. */
export function lowerReshape(ctx: Lowering, node: Node): void {
  const x = ctx.value(node.inputs[0]);
  const to = layoutOf(node.shape, noPadding, undefined, x);
  const onePixel = x.height * x.width === 1 && to.height * to.width === 1 && (x.images === 1 || x.cs === to.cs);
  const dense = x.cs === x.channels && to.cs === to.channels;
  if (onePixel || dense) {
    ctx.values.alias(node, { ...to, id: x.id, offset: x.offset });
    return;
  }
  const packed = ctx.values.buffer({ ...x, cs: x.channels });
  ctx.copy(x, packed);
  ctx.copy({ ...to, cs: to.channels, id: packed.id, offset: 0 }, ctx.result(node));
}

/** A padding that is not folded into a convolution. The picture gets a frame, which then becomes part of the map. */
export function lowerZeroPadding(ctx: Lowering, node: Node, { padding }: ZeroPadding2dAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  const inside = { ...c, height: x.height, width: x.width, frame: padding };
  ctx.fillFrame(inside);
  ctx.copy(x, inside);
}
