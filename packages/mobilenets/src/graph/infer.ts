import { GraphError, MobileNetsError } from "../errors.ts";
import { formatShape, type Shape, sizeOf } from "../tensor.ts";
import type { Attrs } from "./graph.ts";
import type { Op } from "./op.ts";

/**
 * Most numbers of one value for one picture (4 GB). Without a limit, a few bytes of a file could ask for any padding.
 */
const MAX_NUMBERS = 2 ** 30;

/**
 * Infers the shape of a layer's result from the shapes of all inputs.
 * @throws GraphError for invalid attributes, inputs that do not fit, and sizes beyond any memory; it names the layer
 */
export function resultShape<A extends Attrs>(op: Op<A>, name: string, inputs: readonly Shape[], attrs: A): Shape {
  checkName(name);
  let shape: Shape;
  try {
    op.check?.(attrs, inputs.length);
    shape = op.shape(inputs, attrs);
  } catch (error) {
    if (!MobileNetsError.is(error)) throw error;
    const { found, expected, hint } = error;
    throw new GraphError({ where: name, found, expected, hint }, { cause: error });
  }
  for (const value of [...inputs, shape]) {
    if (value.every((n) => n >= 1) && sizeOf(value) <= MAX_NUMBERS) continue;
    const expected = `sizes of at least 1, at most ${MAX_NUMBERS} numbers`;
    throw new GraphError({ where: name, found: `a value of shape ${formatShape(value)}`, expected });
  }
  return shape;
}

/**
 * @throws GraphError for a name that every JavaScript object has, such as `toString`: a record would seem to have it
 */
export function checkName(name: string): void {
  if (name in {}) throw new GraphError({ where: name, found: "a name that every object has" });
}
