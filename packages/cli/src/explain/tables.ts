import type { Block, ConvolutionComparison, Costs } from "mobilenets/graph";
import { type Grid, grouped } from "../table.ts";
import type { ComparedNetwork, ExplainedNetwork } from "./lesson.ts";
import { bytes, percent, product } from "./units.ts";
import { placesOf, sumsOf, wordFor } from "./words.ts";

/** Tables of the lesson's numbers, for the terminal and the page. */

export function exampleGrid(example: ConvolutionComparison): Grid {
  const { standard, depthwise, pointwise, separable } = example;
  const sums = sumsOf(example);
  const rows = Object.entries({ standard, depthwise, pointwise }).map(([name, cost]) => [
    name,
    `${cost.kernels} of ${product(cost.kernelShape)}`,
    sums[name as keyof typeof sums],
    grouped(cost.weights),
    grouped(cost.macs),
    grouped(cost.values),
  ]);
  const { weights, macs, values } = separable;
  return {
    header: ["convolution", "kernels", "product", "weights", "multiply-adds", "numbers read and written"],
    rows: [...rows, ["depthwise + pointwise", "", "", grouped(weights), grouped(macs), grouped(values)]],
    align: "lllrrr",
  };
}

export function blockGrid({ blocks }: ExplainedNetwork): Grid {
  const names = ["block", "channels", "kernel", "stride", "output", "squeeze", "residual", "activation", "at the end"];
  const rows = blocks.map((block) => [
    block.name,
    channelText(block),
    block.kernel.join("x"),
    String(block.stride[0]),
    block.outputShape.slice(1).join("x"),
    block.squeeze ? String(block.squeeze.squeezed) : "",
    block.residual ? "yes" : "",
    wordFor(block.activation),
    wordFor(block.outputActivation),
    ...costCells(block.costs),
  ]);
  return withoutEmpty({ header: [...names, ...costNames], rows, align: "lrlrlrlllrrr" });
}

/** `24 > 144 > 24`, or without the middle for a block without an expansion. */
export function channelText({ channels: { input, expanded, output } }: Block): string {
  return (expanded === input ? [input, output] : [input, expanded, output]).join(" > ");
}

/** Removes empty columns. */
function withoutEmpty({ header, rows, align }: Grid): Grid {
  const isUsed = (_: string, column: number) => rows.some((row) => row[column] !== "");
  return {
    header: header.filter(isUsed),
    rows: rows.map((row) => row.filter(isUsed)),
    align: [...align].filter(isUsed).join(""),
  };
}

const costNames = ["params", "MACs", "memory"];
const costCells = ({ params, macs, memory }: Costs) => [grouped(params), grouped(macs), bytes(memory.total)];

export function gateGrid({ blocks, squeezeAndExcite }: ExplainedNetwork): Grid {
  const rows = blocks.flatMap(({ name, squeeze }) => {
    if (!squeeze) return [];
    const { channels, squeezed, activation, gate, costs } = squeeze;
    const path = `${channels} > ${squeezed} > ${channels}`;
    return [[name, path, wordFor(activation), wordFor(gate), ...costCells(costs)]];
  });
  return {
    header: ["block", "channels", "between", "factors by", ...costNames],
    rows: [...rows, ["all", "", "", "", ...costCells(squeezeAndExcite)]],
    align: "lrllrrr",
  };
}

export function nonlinearityGrid({ nonlinearities }: ExplainedNetwork): Grid {
  const all = nonlinearities.reduce((sum, { values }) => sum + values, 0);
  const rows = nonlinearities.map((use) => {
    const { activation, text, operations, places, values } = use;
    return [
      wordFor(activation),
      text,
      operations.join(", "),
      grouped(places.length),
      grouped(values),
      percent(values / all),
      placesOf(use),
    ];
  });
  const header = ["function", "formula", "operations", "layers", "numbers", "share", "where"];
  return { header, rows, align: "lllrrrl" };
}

export function networkGrid(networks: readonly ComparedNetwork[]): Grid {
  const rows = networks.map(({ network, flavor, inputShape, totals, standard }) => [
    network,
    flavor,
    inputShape.slice(1).join("x"),
    grouped(totals.params),
    grouped(totals.macs),
    grouped(standard.macs),
    bytes(totals.memory.total),
    bytes(totals.memory.weights),
    bytes(totals.memory.read + totals.memory.written),
  ]);
  return {
    header: ["network", "flavor", "input", "parameters", "MACs", "if standard", "memory touched", "weights", "maps"],
    rows,
    align: "lllrrrrrr",
  };
}
