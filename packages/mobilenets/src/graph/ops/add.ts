import { GraphError } from "../../errors.ts";
import { formatShape, sameShape } from "../../tensor.ts";
import { expectInputs } from "../check-attrs.ts";
import type { Op } from "../op.ts";

/** Inputs: two values of one shape. */
export const add: Op = {
  name: "add",
  layer: () => "Add",
  check: (_attrs, inputs) => expectInputs("add", inputs, 2),
  shape([a, b]) {
    if (!sameShape(a, b)) {
      throw new GraphError({ where: "add", found: `${formatShape(a)} + ${formatShape(b)}`, expected: "equal shapes" });
    }
    return a;
  },
  reference([a, b], _attrs, output) {
    for (let i = 0; i < a.data.length; i++) output.data[i] = a.data[i] + b.data[i];
  },
  gradient: ({ dy }) => [() => dy, () => dy],
};
