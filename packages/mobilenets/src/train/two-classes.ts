import type { Program } from "../graph/graph.ts";
import { dense } from "../graph/ops/dense.ts";
import { is } from "../graph/ops.ts";
import { tensor } from "../tensor.ts";

/**
 * Turns a network whose one output is the probability of the second of two classes into one with two outputs: softmax of
 * 0 and z is 1 - sigmoid(z) and sigmoid(z). Any other network is returned unchanged.
 */
export function asTwoClasses(program: Program): Program {
  const { graph, weights } = program;
  const last = graph.nodes.at(-1);
  if (!last || !is(last, dense) || last.attrs.units !== 1 || last.attrs.activation !== "sigmoid") return program;
  if (graph.outputs.length !== 1 || graph.outputs[0] !== last.name) return program;
  const [x, kernel, bias = `${last.name}/bias`] = last.inputs;
  const column = weights[kernel].data;
  const both = tensor([column.length, 2]);
  column.forEach((w, i) => {
    both.data[2 * i + 1] = w;
  });
  const attrs = { ...last.attrs, units: 2, useBias: true, activation: "softmax" as const };
  const node = { ...last, inputs: [x, kernel, bias], attrs, shape: [last.shape[0], 2] };
  const init = "zeros" as const;
  return {
    graph: {
      ...graph,
      params: {
        ...graph.params,
        [kernel]: { ...graph.params[kernel], shape: both.shape },
        [bias]: { shape: [2], trainable: true, init },
      },
      nodes: [...graph.nodes.slice(0, -1), node],
    },
    weights: { ...weights, [kernel]: both, [bias]: tensor([2], [0, weights[bias]?.data[0] ?? 0]) },
  };
}
