import { GraphError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../tensor.ts";
import { expectInputs, expectWhole } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface ReshapeAttrs {
  /** New shape of one item, without the batch: `[1,1,1024]`; `[-1]` flattens. */
  readonly target: readonly number[];
}

/** Input: x [n, ...]; the numbers stay as they are. */
export const reshape: Op<ReshapeAttrs> = {
  name: "reshape",
  layer: ({ target }) => (target[0] === -1 ? "Flatten" : "Reshape"),
  check({ target }, inputs) {
    expectInputs("reshape", inputs, 1);
    const sizes: readonly unknown[] = Array.isArray(target) ? target : [target];
    if (sizes.length === 1 && sizes[0] === -1) return;
    for (const size of sizes) expectWhole("reshape", "target", size, 1);
  },
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
