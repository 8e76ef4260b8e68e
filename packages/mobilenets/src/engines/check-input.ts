import { kindOf } from "../check-options.ts";
import { EngineError, OptionError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { formatShape, sameShape, sizeOf, type Tensor } from "../tensor.ts";

/**
 * Checks an input, which may hold any whole number of the graph's batches: one picture each, except in training graphs.
 * @throws EngineError for a wrong shape; it names both shapes
 * @throws OptionError for a value that is no tensor
 */
export function checkInput(graph: Graph, input: Tensor): void {
  // Callers in JavaScript may pass anything.
  if (!Array.isArray(input?.shape) || !ArrayBuffer.isView(input.data)) {
    throw new OptionError({ where: graph.name, found: `input ${kindOf(input)}`, expected: "a tensor { data, shape }" });
  }
  const [batch, ...item] = graph.input.shape;
  const fits = input.shape[0] > 0 && input.shape[0] % batch === 0 && sameShape(input.shape.slice(1), item);
  if (fits && input.data.length === sizeOf(input.shape)) return;
  throw new EngineError({
    where: graph.name,
    found: `input of shape ${formatShape(input.shape)} with ${input.data.length} numbers`,
    expected: `[${batch === 1 ? "n" : `n x ${batch}`},${item.join(",")}]`,
  });
}
