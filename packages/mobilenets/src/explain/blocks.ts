import type { Activation } from "../graph/activations.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import type { DepthwiseConv2dAttrs } from "../graph/ops/depthwise_conv2d.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { activationOf, is } from "../graph/ops.ts";
import { savings } from "../graph/savings.ts";
import type { Shape } from "../tensor.ts";
import { blockNames } from "./block-names.ts";
import { type Costs, layerCosts, sumOf } from "./costs.ts";
import { findSqueeze, type Squeeze } from "./squeeze.ts";
import { isPointwise, type Walk, walkOf } from "./walk.ts";

/** A block of a MobileNet: `[expand 1x1] -> depthwise -> [squeeze-and-excite] -> pointwise`. */
export interface Block {
  /** The common part of the layers' names, `block_3` or `2`; without one, the block's number from 1. */
  readonly name: string;
  /**
   * `depthwise_separable` (V1): an activation follows the last convolution. `inverted_residual` (V2 on; Sandler et al.
   * 2018, section 3.3): none follows; the block is a linear bottleneck.
   */
  readonly kind: "depthwise_separable" | "inverted_residual";
  /** Names of all layers in the graph's order. */
  readonly layers: readonly string[];
  /** The 1x1 convolution before the depthwise one; null if the block does not expand. */
  readonly expand: string | null;
  readonly depthwise: string;
  /** The 1x1 convolution after it: the pointwise one of V1, the projection of V2 and V3. */
  readonly project: string;
  readonly channels: {
    readonly input: number;
    /** Channels between the depthwise convolution and the projection: the block's widest. */
    readonly expanded: number;
    readonly output: number;
  };
  /** Shapes of the input and output maps: `[1, height, width, channels]`. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Window of the depthwise convolution, in pixels. */
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  /** Whether the input is added to the result: the block has stride 1 and as many output as input channels. */
  readonly residual: boolean;
  /** Activation of the depthwise convolution; `linear` if there is none. */
  readonly activation: Activation;
  /** Activation after the last convolution; `linear` in an inverted residual. */
  readonly outputActivation: Activation;
  readonly squeeze: Squeeze | null;
  /** Costs of all layers together. */
  readonly costs: Costs;
}

/**
 * The blocks of a network in the order of the data, found by the connections of the layers. A block is a
 * depthwise-separable pair (`savings`) with the widening 1x1 convolution before it, the gate between the two and the
 * sum after them. A 1x1 convolution that is the second of a pair does not belong to the block after it.
 */
export function findBlocks(graph: Graph): readonly Block[] {
  const walk = walkOf(graph);
  const costs = layerCosts(graph);
  const shapeOf = (value: string) => walk.byName.get(value)?.shape ?? graph.input.shape;
  const { pairs } = savings(graph);
  const ends = new Set(pairs.map(({ pointwise }) => pointwise));
  const names = blockNames(pairs);
  return pairs.map((pair, i) => {
    const depthwise = walk.byName.get(pair.depthwise) as Node & { readonly attrs: DepthwiseConv2dAttrs };
    const project = walk.byName.get(pair.pointwise)!;
    const before = walk.makerOf(depthwise.inputs[0]);
    const expand = before && isPointwise(before) && !ends.has(before.name) ? before : null;
    const input = expand ? expand.inputs[0] : unpadded(walk, depthwise.inputs[0]);
    const squeeze = findSqueeze(graph, walk, depthwise.name, project.inputs[0], costs);
    const end = endOf(walk, project, input);
    const layers = walk.between(input, end.output).map(({ name }) => name);
    return {
      name: names[i],
      kind: end.activation === "linear" ? "inverted_residual" : "depthwise_separable",
      layers,
      expand: expand?.name ?? null,
      depthwise: depthwise.name,
      project: project.name,
      channels: {
        input: channelsOf(shapeOf(input)),
        expanded: channelsOf(depthwise.shape),
        output: channelsOf(project.shape),
      },
      inputShape: shapeOf(input),
      outputShape: shapeOf(end.output),
      kernel: depthwise.attrs.kernelSize,
      stride: depthwise.attrs.strides,
      residual: end.residual,
      activation: activationAfter(walk, depthwise).activation,
      outputActivation: end.activation,
      squeeze,
      costs: sumOf(layers.map((layer) => costs.get(layer)!)),
    };
  });
}

const channelsOf = (shape: Shape) => shape[shape.length - 1];

function unpadded(walk: Walk, value: string): string {
  const node = walk.byName.get(value);
  return node && is(node, zeroPadding2d) ? node.inputs[0] : value;
}

/** A convolution's result after batch norm and activation, as layers or fused. */
function activationAfter(walk: Walk, conv: Node): { readonly value: string; readonly activation: Activation } {
  const own = activationOf(conv) ?? "linear";
  let value = conv.name;
  for (;;) {
    const [reader, ...others] = walk.readersOf(value);
    if (!reader || others.length > 0) return { value, activation: own };
    if (is(reader, activation)) return { value: reader.name, activation: reader.attrs.activation };
    if (!is(reader, batchNormalization)) return { value, activation: own };
    value = reader.name;
  }
}

/** Where a block ends, and whether its input is added there. */
function endOf(walk: Walk, project: Node, input: string) {
  const { value, activation: after } = activationAfter(walk, project);
  const sum = walk.readersOf(value).find((node) => node.op === add.name && node.inputs.includes(input));
  const isFused = is(project, conv2d) && project.attrs.residual === true && project.inputs.includes(input, 1);
  return { output: sum?.name ?? value, residual: sum !== undefined || isFused, activation: after };
}
