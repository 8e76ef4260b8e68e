import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachRow, momentsOf, type NormalizeRowsAttrs } from "./normalize_rows.ts";

/**
 * Inputs: dy and x of one shape [..., c] and, for layers that scale the normalised values, gamma [c]; result dx. With
 * y = x normalised and d = dy gamma: `variance` gives inverse (d - mean(d) - y mean(d y)), `length` gives
 * inverse (d - y sum(d y)).
 */
export const normalizeRowsGrad: Op<NormalizeRowsAttrs> = {
  name: "normalize_rows_grad",
  layer: () => "NormalizeRowsGrad",
  shape([dy, x]) {
    expectShape("normalize_rows_grad", "dy", dy, x);
    return x;
  },
  reference([dy, x, gamma], attrs, output) {
    eachRow(x, (row, start) => {
      const { mean, inverse } = momentsOf(row, attrs);
      const d = Array.from(row, (_, i) => dy.data[start + i] * (gamma ? gamma.data[i] : 1));
      const y = Array.from(row, (value) => (value - mean) * inverse);
      const sum = d.reduce((a, b) => a + b, 0);
      const product = d.reduce((a, b, i) => a + b * y[i], 0);
      const [first, second] = attrs.kind === "length" ? [0, product] : [sum / row.length, product / row.length];
      for (let i = 0; i < row.length; i++) output.data[start + i] = inverse * (d[i] - first - y[i] * second);
    });
  },
};
