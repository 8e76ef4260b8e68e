import { GraphError } from "../../errors.ts";
import { show } from "../../show.ts";
import { expectInputs, expectNumber } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface NormalizeRowsAttrs {
  /** `length` divides each row by its Euclidean length. `variance` subtracts its mean and divides by its deviation. */
  readonly kind: "length" | "variance";
  /** Added to a variance; lower bound of a squared length. */
  readonly epsilon: number;
}

/** Input: x [..., c]; result: each row of c numbers normalised separately. */
export const normalizeRows: Op<NormalizeRowsAttrs> = {
  name: "normalize_rows",
  layer: () => "UnitNormalization",
  check({ kind, epsilon }, inputs) {
    expectInputs("normalize_rows", inputs, 1);
    expectNumber("normalize_rows", "epsilon", epsilon, 0);
    if (kind === "length" || kind === "variance") return;
    throw new GraphError({ where: "normalize_rows", found: `kind ${show(kind)}`, expected: "length or variance" });
  },
  shape: ([x]) => x,
  reference([x], attrs, output) {
    eachRow(x, (row, start) => {
      const { mean, inverse } = momentsOf(row, attrs);
      for (let i = 0; i < row.length; i++) output.data[start + i] = (row[i] - mean) * inverse;
    });
  },
  gradient: ({ attrs, inputs: [x], dy, add }) => [() => add("normalize_rows_grad", [dy, x], attrs)],
};

interface Rows {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

/** Visits rows of the last axis. */
export function eachRow({ data, shape }: Rows, visit: (row: Float32Array | Float64Array, start: number) => void): void {
  const size = shape.at(-1) as number;
  for (let start = 0; start < data.length; start += size) visit(data.subarray(start, start + size), start);
}

/** The moments of a row, which becomes `(row - mean) * inverse`. */
export function momentsOf(row: Float32Array | Float64Array, { kind, epsilon }: NormalizeRowsAttrs) {
  let sum = 0;
  for (const x of row) sum += x;
  const mean = kind === "length" ? 0 : sum / row.length;
  let squares = 0;
  for (const x of row) squares += (x - mean) ** 2;
  const size = kind === "length" ? Math.max(squares, epsilon) : squares / row.length + epsilon;
  return { mean, inverse: 1 / Math.sqrt(size) };
}
