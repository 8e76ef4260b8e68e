import { EngineError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { formatShape, sameShape, sizeOf, type Tensor } from "../tensor.ts";

/**
 * Accepts a batch of any size of the graph's pictures.
 * @throws EngineError naming both shapes
 */
export function checkInput(graph: Graph, input: Tensor): void {
  const item = graph.input.shape.slice(1);
  const fits = input.shape.length === 4 && input.shape[0] > 0 && sameShape(input.shape.slice(1), item);
  if (fits && input.data.length === sizeOf(input.shape)) return;
  throw new EngineError({
    where: graph.name,
    found: `input of shape ${formatShape(input.shape)} with ${input.data.length} numbers`,
    expected: `[n,${item.join(",")}]`,
  });
}
