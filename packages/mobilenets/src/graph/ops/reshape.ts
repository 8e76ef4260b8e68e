import { GraphError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../tensor.ts";
import type { Op } from "../op.ts";

export interface ReshapeAttrs {
  /** New shape of one item, without the batch: `[1,1,1024]`; `[-1]` flattens. */
  readonly target: readonly number[];
}

/** Input: x [n, ...]; the numbers stay as they are. */
export const reshape: Op<ReshapeAttrs> = {
  name: "reshape",
  layer: ({ target }) => (target[0] === -1 ? "Flatten" : "Reshape"),
  shape([x], { target }) {
    const item = sizeOf(x.slice(1));
    const shape = target[0] === -1 ? [item] : target;
    if (sizeOf(shape) !== item) {
      throw new GraphError({ where: "reshape", found: `${formatShape(x)} to ${formatShape(target)}` });
    }
    return [x[0], ...shape];
  },
  reference([x], _attrs, output) {
    output.data.set(x.data);
  },
  gradient: ({ inputs: [x], dy, shapeOf, add }) => [() => add("reshape", [dy], { target: shapeOf(x).slice(1) })],
};
