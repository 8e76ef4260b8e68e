import type { Node } from "../../graph/graph.ts";
import type { ZeroPadding2dAttrs } from "../../graph/ops/zero_padding2d.ts";
import { layoutOf, roundUp, stepOf } from "../layout.ts";
import { countOf, type Lowering, pixel } from "../lowering.ts";

export function lowerGlobalAverage(ctx: Lowering, node: Node): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = pixel(ctx.result(node));
  const rows = x.height * x.width;
  const channels = roundUp(x.channels, 4);
  ctx.emit("f32-sum-rows", { a: pixel(x), aStep: stepOf(x), c, rows, channels, scale: 1 / rows }, countOf(x) / 4);
}

export function lowerGlobalMax(ctx: Lowering, node: Node): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = pixel(ctx.result(node));
  const channels = roundUp(x.channels, 4);
  ctx.emit("f32-max-rows", { a: pixel(x), aStep: stepOf(x), c, rows: x.height * x.width, channels }, countOf(x) / 4);
}

/** The numbers stay where they are, unless padding channels lie between them. */
export function lowerReshape(ctx: Lowering, node: Node): void {
  const x = ctx.value(node.inputs[0]);
  const to = layoutOf(node.shape);
  const onePixel = x.height * x.width === 1 && to.height * to.width === 1;
  const dense = x.cs === x.channels && to.cs === to.channels;
  if (onePixel || dense) {
    ctx.alias(node, Object.assign({}, to, { id: x.id }));
    return;
  }
  const packed = ctx.buffer({ ...x, cs: x.channels });
  ctx.copy(x, packed);
  ctx.copy({ ...to, cs: to.channels, id: packed.id }, ctx.result(node));
}

/** A padding that no convolution could take in: the picture inside a frame, which is then part of the map. */
export function lowerZeroPadding(ctx: Lowering, node: Node, { padding }: ZeroPadding2dAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  const inside = { ...c, height: x.height, width: x.width, frame: padding };
  ctx.zeroFrame(inside);
  ctx.copy(x, inside);
}
