import type { Node } from "../../graph/graph.ts";
import type { DenseAttrs } from "../../graph/ops/dense.ts";
import { noPadding } from "../../graph/window.ts";
import type { Lowering } from "../lowering.ts";
import { emitGemm } from "./gemm.ts";

/** A dense layer is a 1x1 convolution of one pixel. */
export function lowerDense(ctx: Lowering, node: Node, attrs: DenseAttrs): void {
  const [channels, units] = ctx.paramShape(node.inputs[1]);
  emitGemm(ctx, node, {
    x: ctx.value(node.inputs[0]),
    c: ctx.result(node),
    kernel: node.inputs[1],
    bias: attrs.useBias ? node.inputs[2] : null,
    shape: [1, 1, channels, units],
    strides: [1, 1],
    pad: noPadding,
    activation: attrs.activation,
  });
}
