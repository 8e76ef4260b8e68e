import { EngineError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import { opOf } from "../graph/ops.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Engine, Executable, RunOptions } from "./engine.ts";

/** The specification: every op's own naive loops, layer by layer, as the graph says. Slow and right. */
export const reference: Engine = {
  name: "reference",
  async compile(program: Program): Promise<Executable> {
    let disposed = false;
    return {
      async run(input, options) {
        if (disposed) throw new EngineError({ where: program.graph.name, found: "a call after dispose()" });
        return interpret(program, input, options);
      },
      dispose() {
        disposed = true;
      },
    };
  },
};

function interpret({ graph, weights }: Program, input: Tensor, { signal }: RunOptions = {}): Tensor[] {
  checkInput(graph, input);
  const values = new Map<string, Tensor>([[graph.input.name, input]]);
  const lookUp = (name: string) => {
    const value = values.get(name) ?? weights[name];
    if (!value) throw new EngineError({ where: graph.name, found: `no value for "${name}"` });
    return value;
  };
  for (const node of graph.nodes) {
    signal?.throwIfAborted();
    const op = opOf(node);
    const inputs = node.inputs.map(lookUp);
    const output = tensor(
      op.shape(
        inputs.map(({ shape }) => shape),
        node.attrs,
      ),
    );
    op.reference(inputs, node.attrs, output);
    values.set(node.name, output);
  }
  return graph.outputs.map(lookUp);
}
