import { GraphError, MobileNetsError } from "../errors.ts";
import type { Attrs, Graph, Node } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import { add } from "../graph/ops/add.ts";
import { opOf } from "../graph/ops.ts";
import { shapesOf } from "../graph/shapes.ts";
import { gradientOps } from "../graph/training-ops.ts";
import type { Shape } from "../tensor.ts";

export interface Gradients {
  /** The given graph with its backward pass after its own nodes. Its outputs are the same. */
  readonly graph: Graph;
  /** The value that is the gradient, by parameter. */
  readonly gradients: Readonly<Record<string, string>>;
}

/**
 * Appends the backward pass of a graph by reverse accumulation, with only the nodes that the parameters need.
 * @param output the value whose gradient is known
 * @param seed the value that holds this gradient, usually a parameter of the graph
 * @throws GraphError for a layer without a gradient, or a parameter that `output` does not depend on
 */
export function differentiate(graph: Graph, output: string, seed: string, parameters: readonly string[]): Gradients {
  const dependent = dependents(graph, parameters);
  const appended = new Appended(graph);
  /** The gradient of a value from each of its readers. The value's gradient is their sum. */
  const parts = new Map<string, string[]>([[output, [seed]]]);
  const gradientOf = (value: string) => {
    const [first, ...rest] = parts.get(value) ?? [];
    return rest.reduce((sum, part) => appended.add(value, add, [sum, part], {}), first);
  };

  for (const node of [...graph.nodes].reverse()) {
    if (!dependent.has(node.name) || !parts.has(node.name)) continue;
    const inputs = inputGradients(node, gradientOf(node.name), appended);
    // From the last input to the first, so that parameters come first: their gradients need the layer's input, whose
    // memory is free after them.
    for (let i = node.inputs.length - 1; i >= 0; i--) {
      const input = node.inputs[i];
      const part = dependent.has(input) && inputs[i]?.();
      if (part) parts.set(input, [...(parts.get(input) ?? []), part]);
    }
  }

  const gradients = Object.fromEntries(
    parameters.map((name) => {
      if (parts.has(name)) return [name, gradientOf(name)];
      throw new GraphError({ where: name, found: "no gradient", expected: `a parameter that ${output} depends on` });
    }),
  );
  return { graph: { ...graph, nodes: appended.nodes }, gradients };
}

/** The parameters, and all values that depend on them. */
function dependents(graph: Graph, parameters: readonly string[]): ReadonlySet<string> {
  const found = new Set(parameters);
  for (const { name, inputs } of graph.nodes) if (inputs.some((input) => found.has(input))) found.add(name);
  return found;
}

function inputGradients(node: Node, dy: string, appended: Appended): readonly ((() => string) | null)[] {
  const op = opOf(node, gradientOps);
  if (!op.gradient) throw new GraphError({ where: node.name, found: `${node.op}, which has no gradient` });
  try {
    return op.gradient({
      attrs: node.attrs,
      inputs: node.inputs,
      output: node.name,
      dy,
      shapeOf: (value) => appended.shapeOf(value),
      add: (gradient, inputs, attrs) => appended.add(node.name, gradientOps[gradient], inputs, attrs),
    });
  } catch (error) {
    if (!MobileNetsError.is(error)) throw error;
    const { found, expected, hint } = error;
    throw new GraphError({ where: node.name, found, expected, hint }, { cause: error });
  }
}

/** Appends nodes to a graph and infers their shapes. */
class Appended {
  readonly nodes: Node[];
  readonly #shapes: Map<string, Shape>;

  constructor(graph: Graph) {
    this.nodes = [...graph.nodes];
    this.#shapes = new Map(shapesOf(graph));
  }

  shapeOf(value: string): Shape {
    const shape = this.#shapes.get(value);
    if (shape) return shape;
    throw new GraphError({ where: value, found: "no value of this name" });
  }

  /** @param at the value or layer that the node is about: `grad/conv1/conv2d_kernel_grad` */
  add<A extends Attrs>(at: string, op: Op<A>, inputs: readonly string[], attrs: A): string {
    const base = `grad/${at}/${op.name}`;
    let name = base;
    for (let i = 1; this.#shapes.has(name); i++) name = `${base}_${i}`;
    const shape = op.shape(
      inputs.map((input) => this.shapeOf(input)),
      attrs,
    );
    this.nodes.push({ name, op: op.name, inputs, attrs, shape });
    this.#shapes.set(name, shape);
    return name;
  }
}
