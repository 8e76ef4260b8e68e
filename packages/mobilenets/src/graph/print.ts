import { formatShape } from "../tensor.ts";
import type { Graph } from "./graph.ts";

/** A line a layer: `conv1 [1,112,112,32] = conv2d(input, conv1/kernel) {"filters":32,...}`. */
export function printGraph(graph: Graph): string {
  const lines = graph.nodes.map(({ name, shape, op, inputs, attrs }) => {
    const options = Object.keys(attrs).length > 0 ? ` ${JSON.stringify(attrs)}` : "";
    return `${name} ${formatShape(shape)} = ${op}(${inputs.join(", ")})${options}`;
  });
  return [
    `${graph.name}(${graph.input.name} ${formatShape(graph.input.shape)})`,
    ...lines,
    `-> ${graph.outputs.join(", ")}`,
  ].join("\n");
}
