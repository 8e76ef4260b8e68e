import { UnsupportedError } from "../errors.ts";
import type { Attrs, Graph, Node } from "../graph/graph.ts";
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
import type { DataType } from "../graph/value-type.ts";
import type { ExplicitPadding } from "../graph/window.ts";
import type { Extension } from "./extension.ts";
import { conv2dFrame, lowerConv2d } from "./lower/conv2d.ts";
import { lowerDense } from "./lower/dense.ts";
import { depthwiseFrame, lowerDepthwise } from "./lower/depthwise.ts";
import { lowerActivation, lowerAdd, lowerBatchNorm, lowerMultiply, lowerRescaling } from "./lower/elementwise.ts";
import { lowerGlobalAverage, lowerGlobalMax, lowerReshape, lowerZeroPadding } from "./lower/shape.ts";
import type { Lowering } from "./lowering.ts";

/** How the planner lowers an op. */
export interface OpLowering<A extends Attrs = Attrs> {
  /** Emits the steps of a node. */
  lower(ctx: Lowering, node: Node, attrs: A): void;
  /**
   * The frame of zeros that the kernels want around input number `input` of this size. Null, or left out, means a plain
   * layout.
   */
  frame?(attrs: A, input: number, height: number, width: number): ExplicitPadding | null;
  /** Number types of its results; default: only float32. */
  readonly dtypes?: readonly DataType[];
  /** Whether its kernels read along a channel, pixel by pixel: always, or only in frames. */
  readonly strided?: "always" | "in frames";
  /** Whether its second input is a kernel `[kh, kw, channels, multiplier]` whose last two dimensions it reads as one. */
  readonly kernelByChannel?: boolean;
}

/** An op's name with its lowering, which takes the op's attributes. */
export const entry = <A extends Attrs>(
  op: Pick<Op<A>, "name">,
  lower: OpLowering<A>["lower"],
  more?: Omit<OpLowering<A>, "lower">,
) => [op.name, { lower, ...more } as OpLowering] as const;

/** Lowerings by op name. */
export type Lowerings = ReadonlyMap<string, OpLowering>;

/** Lowerings of networks' ops. Dropout has none: a pass removes it. */
export const coreLowerings: Lowerings = new Map<string, OpLowering>([
  entry(activation, lowerActivation),
  entry(add, lowerAdd),
  entry(batchNormalization, lowerBatchNorm),
  entry(conv2d, lowerConv2d, { frame: conv2dFrame }),
  entry(dense, lowerDense),
  entry(depthwiseConv2d, lowerDepthwise, {
    frame: depthwiseFrame,
    strided: "in frames",
    kernelByChannel: true,
  }),
  entry(globalAveragePooling2d, lowerGlobalAverage),
  entry(globalMaxPooling2d, lowerGlobalMax),
  entry(multiply, lowerMultiply),
  entry(rescaling, lowerRescaling),
  entry(reshape, lowerReshape),
  entry(zeroPadding2d, lowerZeroPadding),
]);

/** The extension for a graph's ops beyond those of networks, loaded only if the graph has such ops, as files' may. */
export async function extensionOf({ nodes }: Graph): Promise<Extension | undefined> {
  if (nodes.every(({ op }) => coreLowerings.has(op))) return undefined;
  return (await import("./lower/imported.ts")).importedExtension;
}

/** @throws UnsupportedError for an op that no kernel computes */
export function loweringOf(node: Node, lowerings: Lowerings): OpLowering {
  const lowering = lowerings.get(node.op);
  if (!lowering) {
    throw new UnsupportedError({
      where: node.name,
      found: `op "${node.op}"`,
      expected: `one of ${[...lowerings.keys()].join(", ")}`,
      hint: 'use engine "reference"',
    });
  }
  return lowering;
}

/** Emits a node's steps. @throws UnsupportedError for a number type that its kernels lack */
export function lowerNode(ctx: Lowering, node: Node, lowerings: Lowerings): void {
  const { lower, dtypes = ["float32"] } = loweringOf(node, lowerings);
  const { dtype = "float32" } = node;
  if (!dtypes.includes(dtype)) {
    const expected = `${dtypes.join(" or ")}, as optimise() leaves it`;
    throw new UnsupportedError({ where: node.name, found: `${node.op} of ${dtype}`, expected });
  }
  ctx.enter(node);
  lower(ctx, node, node.attrs);
}
