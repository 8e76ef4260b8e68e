import { GraphError } from "../errors.ts";
import { formatShape, type Shape, sameShape } from "../tensor.ts";
import { checkType } from "./check-type.ts";
import type { Graph } from "./graph.ts";
import { checkName, resultShape } from "./infer.ts";
import { type Ops, opOf } from "./ops.ts";

/**
 * Checks that a graph is valid: names are unique, inputs come before use, shapes are those that the ops infer, types are
 * valid. Passes and readers of foreign files call it on their results.
 * @param more ops beyond those of networks, such as `importedOps`
 * @throws GraphError for an invalid graph; it names the layer or parameter
 */
export function checkGraph(graph: Graph, more?: Ops): Graph {
  const shapes = new Map<string, Shape>([[graph.input.name, graph.input.shape]]);
  checkType(graph.input, graph.input.name, false);
  for (const [name, spec] of Object.entries(graph.params)) {
    checkType(spec, name, true);
    shapes.set(name, spec.shape);
  }
  for (const name of shapes.keys()) checkName(name);
  for (const node of graph.nodes) {
    const fail = (found: string, expected?: string): never => {
      throw new GraphError({ where: node.name, found, expected });
    };
    if (shapes.has(node.name)) fail("a second value of this name", "unique names");
    const inputs = node.inputs.map((input) => shapes.get(input) ?? fail(`input "${input}" is not defined before it`));
    const shape = resultShape(opOf(node, more), node.name, inputs, node.attrs);
    if (!sameShape(shape, node.shape)) fail(`shape ${formatShape(node.shape)}`, formatShape(shape));
    checkType(node, node.name, false);
    shapes.set(node.name, shape);
  }
  for (const output of graph.outputs) {
    if (!shapes.has(output)) throw new GraphError({ where: output, found: "an output that no layer makes" });
  }
  return graph;
}
