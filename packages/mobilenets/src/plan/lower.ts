import { EngineError } from "../errors.ts";
import type { Attrs, Node } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { lowerConv2d } from "./lower/conv2d.ts";
import { lowerDense } from "./lower/dense.ts";
import { lowerDepthwise } from "./lower/depthwise.ts";
import { lowerActivation, lowerAdd, lowerBatchNorm, lowerMultiply, lowerRescaling } from "./lower/elementwise.ts";
import { lowerGlobalAverage, lowerGlobalMax, lowerReshape, lowerZeroPadding } from "./lower/shape.ts";
import type { Lowering } from "./lowering.ts";

type Lower<A extends Attrs> = (ctx: Lowering, node: Node, attrs: A) => void;

/** Ties a lowering to the op whose attributes it takes. */
const entry = <A extends Attrs>(op: Op<A>, lower: Lower<A>) => [op.name, lower as Lower<Attrs>] as const;

/** How each op becomes kernel calls. Dropout has none: a pass removes it. */
const lowerings = new Map([
  entry(activation, lowerActivation),
  entry(add, lowerAdd),
  entry(batchNormalization, lowerBatchNorm),
  entry(conv2d, lowerConv2d),
  entry(dense, lowerDense),
  entry(depthwiseConv2d, lowerDepthwise),
  entry(globalAveragePooling2d, lowerGlobalAverage),
  entry(globalMaxPooling2d, lowerGlobalMax),
  entry(multiply, lowerMultiply),
  entry(rescaling, lowerRescaling),
  entry(reshape, lowerReshape),
  entry(zeroPadding2d, lowerZeroPadding),
]);

/** Emits a node's steps. */
export function lowerNode(ctx: Lowering, node: Node): void {
  const lower = lowerings.get(node.op);
  if (!lower) {
    throw new EngineError({
      where: node.name,
      found: `op "${node.op}"`,
      expected: `one of ${[...lowerings.keys()].join(", ")}`,
      hint: 'use engine "reference"',
    });
  }
  ctx.enter(node);
  lower(ctx, node, node.attrs);
}
