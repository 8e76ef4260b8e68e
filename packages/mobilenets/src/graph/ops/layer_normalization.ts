import { expectInputs, expectNumber } from "../check-attrs.ts";
import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachRow, momentsOf } from "./normalize_rows.ts";

export interface LayerNormalizationAttrs {
  /** Added to the variance inside the root. */
  readonly epsilon: number;
}

/** Inputs: x [..., c], gamma [c], beta [c]; result: each row of c numbers normalised, times gamma, plus beta. */
export const layerNormalization: Op<LayerNormalizationAttrs> = {
  name: "layer_normalization",
  layer: () => "LayerNormalization",
  check({ epsilon }, inputs) {
    expectInputs("layer_normalization", inputs, 3);
    expectNumber("layer_normalization", "epsilon", epsilon, 0);
  },
  params([x]) {
    const shape = [x.at(-1) as number];
    return { gamma: { shape, trainable: true, init: "ones" }, beta: { shape, trainable: true, init: "zeros" } };
  },
  shape([x, gamma, beta]) {
    const expected = [x.at(-1) as number];
    expectShape("layer_normalization", "gamma", gamma, expected);
    expectShape("layer_normalization", "beta", beta, expected);
    return x;
  },
  reference([x, gamma, beta], { epsilon }, output) {
    eachRow(x, (row, start) => {
      const { mean, inverse } = momentsOf(row, { kind: "variance", epsilon });
      for (let i = 0; i < row.length; i++) {
        output.data[start + i] = (row[i] - mean) * inverse * gamma.data[i] + beta.data[i];
      }
    });
  },
  gradient({ attrs: { epsilon }, inputs: [x, gamma], dy, add }) {
    const attrs = { kind: "variance", epsilon } as const;
    return [
      () => add("normalize_rows_grad", [dy, x, gamma], attrs),
      () => add("channel_sums", [add("multiply", [dy, add("normalize_rows", [x], attrs)], {})], {}),
      () => add("channel_sums", [dy], {}),
    ];
  },
};
