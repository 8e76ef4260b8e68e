import type { Node } from "../../graph/graph.ts";
import type { Conv2dAttrs } from "../../graph/ops/conv2d.ts";
import { type ExplicitPadding, windowGeometry } from "../../graph/window.ts";
import type { Lowering } from "../lowering.ts";
import { emitGemm } from "./gemm.ts";

/** The window slides over the picture's edge; a residual has the layout of the result, without a frame. */
export function conv2dFrame(attrs: Conv2dAttrs, input: number, height: number, width: number): ExplicitPadding | null {
  return input === 0 ? windowGeometry(height, width, attrs).pad : null;
}

export function lowerConv2d(ctx: Lowering, node: Node, attrs: Conv2dAttrs): void {
  const source = ctx.value(node.inputs[0]);
  const { pad } = windowGeometry(source.height, source.width, attrs);
  // A window's row is read as one run, so its pixels must be adjacent: old data between them may be NaN, and 0 times
  // NaN is NaN.
  const cs = attrs.kernelSize[1] > 1 ? source.channels : undefined;
  const residual = attrs.residual ? ctx.value(node.inputs[node.inputs.length - 1]) : undefined;
  emitGemm(ctx, node, {
    x: ctx.framed(source, pad, cs),
    residual: residual && ctx.plain(residual),
    c: ctx.result(node, true),
    kernel: node.inputs[1],
    bias: attrs.useBias ? node.inputs[2] : null,
    shape: ctx.paramShape(node.inputs[1]) as [number, number, number, number],
    strides: attrs.strides,
    pad,
    activation: attrs.activation,
  });
}
