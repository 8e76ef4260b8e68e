import { expectInputs, expectNumber } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface DropoutAttrs {
  /** Share of values dropped in training, 0 to 1; inference drops none. */
  readonly rate: number;
}

/** Input: x of any shape. Inference form: the identity. */
export const dropout: Op<DropoutAttrs> = {
  name: "dropout",
  layer: () => "Dropout",
  check({ rate }, inputs) {
    expectInputs("dropout", inputs, 1);
    expectNumber("dropout", "rate", rate, 0);
  },
  shape: ([x]) => x,
  reference([x], _attrs, output) {
    output.data.set(x.data);
  },
};
