import { GraphError, MobileNetsError } from "../errors.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../tensor.ts";
import { checkType } from "./check-type.ts";
import type { Graph } from "./graph.ts";
import { opOf } from "./ops.ts";

/** Of one result, for one picture: 4 GB. A few bytes of a file can ask for any padding. */
const MAX_NUMBERS = 2 ** 30;

/**
 * Verifies that a graph holds together: names unique, inputs defined before use, shapes as the ops infer them, types sound.
 * Passes and readers of foreign files call it on what they made.
 * @throws GraphError naming the layer or parameter
 */
export function checkGraph(graph: Graph): Graph {
  const shapes = new Map<string, Shape>([[graph.input.name, graph.input.shape]]);
  checkType(graph.input, graph.input.name, false);
  for (const [name, spec] of Object.entries(graph.params)) {
    checkType(spec, name, true);
    shapes.set(name, spec.shape);
  }
  for (const node of graph.nodes) {
    const fail = (found: string, expected?: string): never => {
      throw new GraphError({ where: node.name, found, expected });
    };
    if (shapes.has(node.name)) fail("a second value of this name", "unique names");
    const inputs = node.inputs.map((input) => shapes.get(input) ?? fail(`input "${input}" is not defined before it`));
    const op = opOf(node);
    let shape: Shape;
    try {
      op.check?.(node.attrs, inputs.length);
      shape = op.shape(inputs, node.attrs);
    } catch (error) {
      if (MobileNetsError.is(error)) fail(error.found, error.expected);
      throw error;
    }
    if (!sameShape(shape, node.shape)) fail(`shape ${formatShape(node.shape)}`, formatShape(shape));
    if (!(sizeOf(shape) <= MAX_NUMBERS))
      fail(`a result of shape ${formatShape(shape)}`, `at most ${MAX_NUMBERS} numbers`);
    checkType(node, node.name, false);
    shapes.set(node.name, shape);
  }
  for (const output of graph.outputs) {
    if (!shapes.has(output)) throw new GraphError({ where: output, found: "an output that no layer makes" });
  }
  return graph;
}
