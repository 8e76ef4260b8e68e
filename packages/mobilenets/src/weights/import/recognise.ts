import type { Node } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { is, isWeighted } from "../../graph/ops.ts";
import { gatherHardActivations } from "../../passes/gather-hard-activations.ts";
import type { Pass } from "../../passes/optimise.ts";
import { rewrite, usesOf } from "../../passes/uses.ts";
import { type Tensor, tensor } from "../../tensor.ts";

/** Recognises ops that TensorFlow writes as arithmetic: rescaling in two steps, hard sigmoid, hard swish. */
export const recognise: Pass = (program) => {
  const { graph, weights } = takeOutShift(mergeRescalings(program));
  return { graph: gatherHardActivations(graph), weights };
};

/** Merges two rescalings into one. */
const mergeRescalings: Pass = ({ graph, weights }) => {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  for (const original of graph.nodes) {
    const first = replaced.get(original.name) ?? original;
    const second = uses.soleReader(first.name);
    if (!is(first, rescaling) || !second || !is(second, rescaling)) continue;
    const scale = first.attrs.scale * second.attrs.scale;
    const offset = first.attrs.offset * second.attrs.scale + second.attrs.offset;
    replaced.set(first.name, null);
    replaced.set(second.name, { ...second, inputs: first.inputs, attrs: { scale, offset } });
  }
  return { graph: rewrite(graph, replaced), weights };
};

/**
 * A hard sigmoid is `relu6(x + 3) / 6`. TensorFlow's converter adds the 3 to the bias of the convolution before it; this
 * pass subtracts it again.
 */
const takeOutShift: Pass = ({ graph, weights }) => {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node>();

  const values: Record<string, Tensor> = { ...weights };
  for (const layer of graph.nodes) {
    if (!isWeighted(layer)) continue;
    const sixth = uses.soleReader(layer.name);
    if (layer.attrs.activation !== "relu6" || !layer.attrs.useBias || !sixth || !is(sixth, rescaling)) continue;
    if (Math.abs(sixth.attrs.scale - 1 / 6) > 1e-7 || sixth.attrs.offset !== 0) continue;
    const [, , bias] = layer.inputs;
    values[bias] = tensor(
      values[bias].shape,
      values[bias].data.map((b) => b - 3),
    );
    replaced.set(layer.name, { ...layer, attrs: { ...layer.attrs, activation: "linear" } });
    replaced.set(sixth.name, { ...sixth, op: activation.name, attrs: { activation: "hard_sigmoid" } });
  }
  return { graph: rewrite(graph, replaced), weights: values };
};
