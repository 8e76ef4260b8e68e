import { expectInputs, expectNumber } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface RescalingAttrs {
  readonly scale: number;
  readonly offset: number;
}

/** Input: x of any shape; result `x * scale + offset`. */
export const rescaling: Op<RescalingAttrs> = {
  name: "rescaling",
  layer: () => "Rescaling",
  check({ scale, offset }, inputs) {
    expectInputs("rescaling", inputs, 1);
    expectNumber("rescaling", "scale", scale);
    expectNumber("rescaling", "offset", offset);
  },
  shape: ([x]) => x,
  reference([x], { scale, offset }, output) {
    for (let i = 0; i < x.data.length; i++) output.data[i] = x.data[i] * scale + offset;
  },
  gradient: ({ attrs: { scale }, dy, add }) => [() => add("rescaling", [dy], { scale, offset: 0 })],
};
