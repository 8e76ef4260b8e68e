import { EngineError } from "../errors.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { furtherOps, type Ops, opOf } from "../graph/ops.ts";
import type { Extension } from "../plan/extension.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Engine, Executable, RunOptions } from "./engine.ts";
import { shareLoop } from "./share-loop.ts";

/** The specification: runs the graph layer by layer with each op's naive loops. Slow and correct. */
export const reference: Engine = {
  name: "reference",
  async compile(program: Program, extension?: Extension): Promise<Executable> {
    const ops = extension?.ops ?? (await furtherOps(program.graph));
    let disposed = false;
    return {
      async run(input, options) {
        if (disposed) throw new EngineError({ where: program.graph.name, found: "a call after dispose()" });
        await shareLoop();
        return interpret(program, input, ops, options);
      },
      dispose() {
        disposed = true;
      },
    };
  },
};

function interpret({ graph, weights }: Program, input: Tensor, ops: Ops, { signal }: RunOptions = {}): Tensor[] {
  checkInput(graph, input);
  return evaluateGraph(graph, { ...weights, [graph.input.name]: input }, Float32Array, { ops, signal });
}

/**
 * Computes a graph's outputs from the values of its input and parameters, all in one precision. Float64 shows differences
 * that float32 would round away.
 * @param options.ops ops beyond those of networks, such as `importedOps`
 * @throws EngineError for a missing value; it names the value
 */
export function evaluateGraph<D extends Float32Array | Float64Array>(
  graph: Graph,
  given: Readonly<Record<string, Tensor<D>>>,
  Numbers: new (length: number) => NoInfer<D>,
  { ops, signal }: { readonly ops?: Ops; readonly signal?: AbortSignal } = {},
): Tensor<D>[] {
  const values = new Map(Object.entries(given));
  const lookUp = (name: string) => {
    const value = values.get(name);
    if (!value) throw new EngineError({ where: graph.name, found: `no value for "${name}"` });
    return value;
  };
  for (const node of graph.nodes) {
    signal?.throwIfAborted();
    const op = opOf(node, ops);
    const inputs = node.inputs.map(lookUp);
    const shape = op.shape(
      inputs.map((input) => input.shape),
      node.attrs,
    );
    const output = { data: new Numbers(sizeOf(shape)), shape };
    op.reference(inputs, node.attrs, output);
    values.set(node.name, output);
  }
  return graph.outputs.map(lookUp);
}
