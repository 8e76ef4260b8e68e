import { GraphError } from "../../errors.ts";
import { formatShape } from "../../tensor.ts";
import type { Op } from "../op.ts";

export interface PickAttrs {
  readonly index: number;
}

/** Input: x [k,c]; result [c]: row `index`. */
export const pick: Op<PickAttrs> = {
  name: "pick",
  layer: () => "Pick",
  shape([x], { index }) {
    if (x.length !== 2 || !(index >= 0 && index < x[0])) {
      throw new GraphError({ where: "pick", found: `row ${index} of ${formatShape(x)}`, expected: "a row of [k,c]" });
    }
    return [x[1]];
  },
  reference([x], { index }, output) {
    const channels = x.shape[1];
    output.data.set(x.data.subarray(index * channels, (index + 1) * channels));
  },
};
