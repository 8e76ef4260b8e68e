import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachRow } from "./normalize_rows.ts";

/** Inputs: dy and y, the result of `log_softmax`, of one shape [..., c]; result dx = dy - e^y sum(dy), row by row. */
export const logSoftmaxGrad: Op = {
  name: "log_softmax_grad",
  layer: () => "LogSoftmaxGrad",
  shape([dy, y]) {
    expectShape("log_softmax_grad", "dy", dy, y);
    return y;
  },
  reference([dy, y], _attrs, output) {
    eachRow(dy, (row, start) => {
      let sum = 0;
      for (const value of row) sum += value;
      for (let i = 0; i < row.length; i++) output.data[start + i] = row[i] - Math.exp(y.data[start + i]) * sum;
    });
  },
};
