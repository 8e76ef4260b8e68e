import { expectInputs } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import { eachRow } from "./normalize_rows.ts";

/**
 * Input: x [..., c]; result: the logarithm of each row's softmax, as x - max(x) - log(sum(e^(x - max(x)))). The logarithm
 * of a softmax that is 0 in float32 is thus still a number.
 */
export const logSoftmax: Op = {
  name: "log_softmax",
  layer: () => "Activation",
  check(_attrs, inputs) {
    expectInputs("log_softmax", inputs, 1);
  },
  shape: ([x]) => x,
  reference([x], _attrs, output) {
    eachRow(x, (row, start) => {
      let max = -Infinity;
      for (const value of row) max = Math.max(max, value);
      let sum = 0;
      for (const value of row) sum += Math.exp(value - max);
      for (let i = 0; i < row.length; i++) output.data[start + i] = row[i] - max - Math.log(sum);
    });
  },
  gradient: ({ output, dy, add }) => [() => add("log_softmax_grad", [dy, output], {})],
};
