import { GraphError } from "../../errors.ts";
import type { Op } from "../op.ts";

/** Input: x [..., c]; result [2,c]: mean and biased variance of each channel over all other axes. */
export const batchMoments: Op = {
  name: "batch_moments",
  layer: () => "BatchMoments",
  shape([x]) {
    if (x.length < 2) throw new GraphError({ where: "batch_moments", found: "a vector", expected: "[...,c]" });
    return [2, x[x.length - 1]];
  },
  reference([x], _attrs, output) {
    const channels = output.shape[1];
    const rows = x.data.length / channels;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = c; i < x.data.length; i += channels) sum += x.data[i];
      const mean = sum / rows;
      // A second pass, because the difference of two large sums would lose precision.
      let squares = 0;
      for (let i = c; i < x.data.length; i += channels) squares += (x.data[i] - mean) ** 2;
      output.data[c] = mean;
      output.data[channels + c] = squares / rows;
    }
  },
};
