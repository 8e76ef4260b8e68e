import type { Saving, Savings } from "mobilenets/graph";
import { type Grid, gridLines, grouped } from "./table.ts";

/** The comparison of a network's pairs with standard convolutions, as a table. */

type Comparison = Savings["network"];

/** Cost of the standard convolution divided by that of the separable one. */
interface Factor {
  readonly factor: { readonly weights: number; readonly macs: number };
}

/** The library's comparison, with the factors added. */
export function savingsJson({ pairs, network }: Savings): {
  pairs: (Saving & Factor)[];
  network: Comparison & Factor;
} {
  return {
    pairs: pairs.map((pair) => ({ ...pair, factor: factor(pair) })),
    network: { ...network, factor: factor(network) },
  };
}

export function savingsLines(savings: Savings): string[] {
  return ["What standard convolutions of the same shapes would cost:", "", ...gridLines(savingsGrid(savings))];
}

/** A table with a row per pair, and one for the whole network. */
export function savingsGrid({ pairs, network }: Savings): Grid {
  const rows = pairs.map((pair) => [`${pair.depthwise} + ${pair.pointwise}`, ...cells(pair)]);
  return {
    header: ["depthwise + pointwise", "weights", "standard", "factor", "MACs", "standard", "factor"],
    rows: [...rows, ["whole network", ...cells(network)]],
    align: "lrrrrrr",
  };
}

function cells(comparison: Comparison): string[] {
  const { separable, standard } = comparison;
  const times = factor(comparison);
  return [
    grouped(separable.weights),
    grouped(standard.weights),
    times.weights.toFixed(2),
    grouped(separable.macs),
    grouped(standard.macs),
    times.macs.toFixed(2),
  ];
}

function factor({ separable, standard }: Comparison): Factor["factor"] {
  return { weights: standard.weights / separable.weights, macs: standard.macs / separable.macs };
}
