import type { Activation } from "../../graph/activations.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { is, isConvolution } from "../../graph/ops.ts";
import { shapesOf } from "../../graph/shapes.ts";
import { type WindowAttrs, windowGeometry } from "../../graph/window.ts";
import { foldPadding } from "../../passes/fold-padding.ts";
import { type Uses, usesOf } from "../../passes/uses.ts";
import { show } from "../../show.ts";
import type { Shape } from "../../tensor.ts";
import type { LayerMisfit } from "../match/identify.ts";
import { kindOf, layersWithWeights } from "../match/layer-weights.ts";
import { activationAfter } from "./activation.ts";
import type { OnnxLayer } from "./layers.ts";
import { attributeOf, type OnnxView } from "./view.ts";

/**
 * The first difference between a file and a network whose weights have the same shapes, layer by layer: strides, paddings,
 * epsilons and activations. Undefined if there is none.
 */
export function misfitOf(network: Graph, view: OnnxView, layers: readonly OnnxLayer[]): LayerMisfit | undefined {
  const { graph } = foldPadding({ graph: network, weights: {} });
  const shapes = shapesOf(graph);
  const uses = usesOf(graph);
  const folded = !layers.some(({ kind }) => kind === "norm");
  const nodes = layersWithWeights(graph).filter((node) => !(folded && kindOf(node) === "norm"));
  for (const [i, node] of nodes.entries()) {
    const layer = layers[i];
    const [found, expected] =
      [
        windowsOf(view, layer, node, shapes.get(node.inputs[0]) as Shape),
        epsilonsOf(layer, node),
        // The classifier's activation is an option of our networks.
        i < nodes.length - 1 ? activationsOf(view, layer, node, uses) : undefined,
      ].find((pair) => pair && pair[0] !== pair[1]) ?? [];
    if (expected) return { layer: i, found: `${show(layer.name)} has ${found}, ${node.name} has ${expected}` };
  }
  return undefined;
}

type Pair = readonly [found: string, expected: string];

function windowsOf(view: OnnxView, { window, input }: OnnxLayer, node: Node, shape: Shape): Pair | undefined {
  if (!window || !isConvolution(node)) return undefined;
  const [, height, width] = shape;
  const pads = (attrs: WindowAttrs) => {
    const { top, left, bottom, right } = windowGeometry(height, width, attrs).pad;
    return [top, left, bottom, right];
  };
  const before = padBefore(view, input);
  const same = window.pads === "same" || before === "same";
  const found = same ? pads({ ...node.attrs, padding: "same" }) : sum(window.pads, before);
  return [describe(window.strides, found), describe(node.attrs.strides, pads(node.attrs))];
}

const describe = (strides: readonly number[], pads: readonly number[]) => `strides [${strides}] and pads [${pads}]`;

const sum = (a: readonly number[], b: readonly number[]) => a.map((n, i) => n + b[i]);

const NO_PADS = [0, 0, 0, 0];

/** Padding of a separate node before a convolution: at top, left, bottom and right. */
function padBefore(view: OnnxView, input: string): "same" | readonly number[] {
  let node = view.maker(input);
  if (node?.opType === "Transpose") node = view.maker(node.input[0] ?? "");
  if (node?.opType !== "Pad") return NO_PADS;
  // PyTorch models compute padding from the picture's size only to pad as TensorFlow does.
  const given = node.input[1];
  if (given && !view.isConstant(given)) return "same";
  // Pads are an attribute up to operator set 10.
  const pads = given ? view.integers(given) : (attributeOf(node, "pads")?.ints ?? []);
  if (pads.length !== 8) return NO_PADS;
  // Channels are never padded, so the last axis shows their position.
  const [y, x] = pads[3] === 0 && pads[7] === 0 ? [1, 2] : [2, 3];
  return [pads[y], pads[x], pads[y + 4], pads[x + 4]];
}

/** Compares epsilons; files have them in float32. */
function epsilonsOf({ epsilon }: OnnxLayer, node: Node): Pair | undefined {
  if (epsilon === undefined || !is(node, batchNormalization)) return undefined;
  const show = (x: number) => `epsilon ${Number(x.toPrecision(3))}`;
  return [show(epsilon), show(node.attrs.epsilon)];
}

function activationsOf(view: OnnxView, { output }: OnnxLayer, node: Node, uses: Uses): Pair {
  const found = activationAfter(view, output);
  const own = ownActivation(node, uses);
  // A quantised file only shows that numbers are not below 0.
  if (found === "relu or relu6" && (own === "relu" || own === "relu6")) return [own, own];
  return [`activation ${found ?? "unknown"}`, `activation ${own}`];
}

function ownActivation(node: Node, uses: Uses): Activation {
  const { activation: built } = node.attrs as { activation?: Activation };
  if (built && built !== "linear") return built;
  const readers = uses.readers(node.name);
  const norm = readers.find((reader) => is(reader, batchNormalization));
  const next = (norm ? uses.readers(norm.name) : readers).find((reader) => is(reader, activation));
  return next && is(next, activation) ? next.attrs.activation : "linear";
}
