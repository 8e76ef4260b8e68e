import {
  type Block,
  type ConvolutionComparison,
  type Costs,
  formulas,
  type Nonlinear,
  type Squeeze,
} from "mobilenets/graph";
import { escapeHtml } from "../../html/escape.ts";
import { savingsGrid } from "../../savings-table.ts";
import { grouped } from "../../table.ts";
import type { ExplainedNetwork, Lesson } from "../lesson.ts";
import { blockGrid, channelText, exampleGrid, gateGrid, networkGrid, nonlinearityGrid } from "../tables.ts";
import { bytes, percent, product, short } from "../units.ts";
import {
  aboutBlocks,
  aboutExample,
  aboutGates,
  aboutNetworks,
  aboutNonlinearities,
  aboutPairs,
  blockTitle,
  sumsOf,
  wordFor,
} from "../words.ts";
import { type Bottleneck, bottleneckDrawing, bottleneckOf, resnetBottleneck } from "./bottleneck.ts";
import { functionCurves, networkBars, pairBars, shareBars } from "./charts.ts";
import { curveSets } from "./curves.ts";
import { gateDrawing } from "./gate.ts";
import { hourglass, type Scale } from "./hourglass.ts";
import { details, figure, key, paragraphs, row, table } from "./html.ts";
import { depthwiseDrawing, pointwiseDrawing, standardDrawing } from "./planes.ts";

/** The chapters of the page, each as HTML. */

export function exampleSection(example: ConvolutionComparison): string {
  const { standard, depthwise, pointwise, separable, share } = example;
  const words = aboutExample(example);
  const [steps, ...results] = words.separable;
  const sums = sumsOf(example);
  const sum = (kind: string, value: number, how: string, of: string) =>
    `<div class="${kind}"><b>${value}</b><span>${escapeHtml(how)}</span><span>${escapeHtml(of)}</span></div>`;
  const weights = (cost: { weights: number }, how: string) => `<p>${how} = <b>${cost.weights} weights</b></p>`;
  return `<div class="total">
${sum("old", standard.weights, sums.standard, "weights, standard convolution")}
${sum("new", separable.weights, `${sums.depthwise} + ${sums.pointwise}`, `weights, depthwise-separable: ${percent(share)}`)}
</div>
${paragraphs([...words.standard, steps])}
${row(
  figure("Standard", "Each kernel reads all channels.", standardDrawing(example), weights(standard, sums.standard)),
  figure(
    "Step 1: depthwise",
    "Each kernel reads its own channel.",
    depthwiseDrawing(example),
    weights(depthwise, sums.depthwise),
  ),
  figure(
    "Step 2: pointwise",
    "Each kernel mixes one pixel's channels.",
    pointwiseDrawing(example),
    weights(pointwise, sums.pointwise),
  ),
)}
${paragraphs(results)}
${table(exampleGrid(example), { kind: lastIsAll(4) })}`;
}

const lastIsAll = (count: number) => (index: number) => (index === count - 1 ? "all" : "");

export function pairSection(explained: ExplainedNetwork): string {
  const { separable, standard } = explained.savings.network;
  const legend = key([
    ["var(--before)", "standard convolution"],
    ["var(--after)", "depthwise + pointwise"],
  ]);
  const total = (cost: "weights" | "macs") =>
    `by block; whole network: ${short(separable[cost])} in place of ${short(standard[cost])}`;
  const grid = savingsGrid(explained.savings);
  return `${paragraphs(aboutPairs(explained))}
${row(
  figure("Weights of each pair", total("weights"), pairBars(explained, "weights"), legend),
  figure("Multiply-adds of each pair", total("macs"), pairBars(explained, "macs"), legend),
)}
${details("All pairs in numbers", table(grid, { kind: lastIsAll(grid.rows.length) }))}`;
}

export function blockSection(explained: ExplainedNetwork): string {
  const isInverted = explained.blocks.some(({ kind }) => kind === "inverted_residual");
  return `${paragraphs(aboutBlocks(explained))}
${isInverted ? comparison(explained.blocks) : ""}
${blockCards(explained)}`;
}

function blockCards(explained: ExplainedNetwork): string {
  const { network, blocks } = explained;
  const scale = {
    most: Math.max(...blocks.flatMap(({ channels }) => Object.values(channels))),
    expands: blocks.some(({ expand }) => expand !== null),
  };
  const has = (test: (block: Block) => boolean) => blocks.some(test);
  const legend = key([
    ["var(--c0)", "channels in, and out through an activation"],
    ["var(--s0)", "depthwise convolution, a stripe for each row of its window"],
    ...(has((block) => block.outputActivation === "linear") ? [["linear", "linear bottleneck"] as const] : []),
    ...(has((block) => block.squeeze !== null) ? [["var(--c2)", "squeezed channels"] as const] : []),
    ...(has((block) => block.residual) ? [["var(--c1)", "the input is added"] as const] : []),
  ]);
  return `<p>All blocks of ${network}, drawn to one scale: the widest map has ${grouped(scale.most)} channels.</p>
<div class="blocks">
${blocks.map((block) => blockCard(block, scale)).join("\n")}
</div>
${legend}
${details("All blocks in numbers", table(blockGrid(explained)))}`;
}

/** ResNet's block beside the first of the network's that has an expansion and, if possible, a residual. */
function comparison(blocks: readonly Block[]): string {
  const inverted = blocks.filter(({ kind }) => kind === "inverted_residual");
  const shown =
    inverted.find(({ residual, expand }) => residual && expand) ?? inverted.find(({ expand }) => expand) ?? inverted[0];
  const drawn = (caption: string, bottleneck: Bottleneck) => {
    const weights = `<p>kernels: <b>${grouped(bottleneck.weights)} weights</b></p>`;
    return figure(caption, bottleneck.title, bottleneckDrawing(bottleneck), weights);
  };
  return row(drawn("Wide, narrow, wide", resnetBottleneck), drawn("Narrow, wide, narrow", bottleneckOf(shown)));
}

function blockCard(block: Block, scale: Scale): string {
  const { name, kernel, stride, residual, squeeze, costs } = block;
  const notes = [
    `${kernel.join(" x ")}, stride ${stride[0]}`,
    ...(squeeze ? [`squeeze to ${squeeze.squeezed}`] : []),
    ...(residual ? ["residual"] : []),
  ];
  // Long names can break between their words.
  const title = escapeHtml(blockTitle(name)).replaceAll("_", "_<wbr>");
  const channels = channelText(block).replaceAll(">", "→");
  return `<figure><figcaption>${title}</figcaption>${hourglass(block, scale)}<p><b>${channels}</b></p><p class="faint">${notes.join(", ")}<br>${short(costs.params)} params<br>${short(costs.macs)} MACs</p></figure>`;
}

/** @param withBlocks true to show all blocks, if no other chapter does */
export function gateSection(explained: ExplainedNetwork, withBlocks: boolean): string {
  const gated = explained.blocks.filter((block): block is Block & { squeeze: Squeeze } => block.squeeze !== null);
  const shown = gated.find(({ residual }) => residual) ?? gated[0];
  const { squeeze, costs } = shown;
  const grid = gateGrid(explained);
  const shares = (of: Costs, whole: Costs, name: string) =>
    `<p>of ${escapeHtml(name)}</p>${shareBars(`shares of ${name}`, [
      ["parameters", of.params / whole.params],
      ["multiply-adds", of.macs / whole.macs],
      ["memory touched", of.memory.total / whole.memory.total],
    ])}`;
  const ofBlock = shares(squeeze.costs, costs, blockTitle(shown.name));
  const ofNetwork = shares(explained.squeezeAndExcite, explained.totals, explained.network);
  return `${paragraphs(aboutGates(explained))}
${row(
  figure(
    `Squeeze-and-excite in ${blockTitle(shown.name)}`,
    `on a map of ${product(mapOf(shown))}`,
    gateDrawing(squeeze),
  ),
  figure("What it costs", "squeeze-and-excite as a share", `${ofBlock}${ofNetwork}`),
)}
${withBlocks ? blockCards(explained) : ""}
${details("Squeeze-and-excite in numbers", table(grid, { kind: lastIsAll(grid.rows.length) }))}`;
}

/** The shape of the depthwise convolution's result, which the gate multiplies. */
function mapOf({ outputShape, channels }: Block): number[] {
  return [...outputShape.slice(1, 3), channels.expanded];
}

export function nonlinearitySection(explained: ExplainedNetwork): string {
  const used = new Set(explained.nonlinearities.map(({ activation }) => activation));
  const main = (["hard_swish", "relu6", "relu"] as const).find((name) => used.has(name)) ?? "relu";
  const curves = curveSets[main];
  const names = curves.map(({ name }) => name).join(", ");
  const charts = [
    figure(names, formulaOf(main), functionCurves(`${names} from -8 to 8`, curves, [-1, 7])),
    ...(used.has("hard_sigmoid")
      ? [
          figure(
            "sigmoid, hard sigmoid",
            formulaOf("hard_sigmoid"),
            functionCurves("sigmoid and hard sigmoid from -8 to 8", curveSets.hard_sigmoid, [0, 1]),
          ),
        ]
      : []),
  ];
  return `${paragraphs(aboutNonlinearities(explained))}
${row(...charts)}
${table(nonlinearityGrid(explained), { wrap: [2, 6] })}`;
}

const formulaOf = (name: Nonlinear) => `${wordFor(name)} = ${formulas[name].text}`;

export function networkSection({ networks, network }: Lesson): string {
  const one = "var(--after)";
  return `${paragraphs(aboutNetworks(networks))}
${row(
  figure(
    "Parameters",
    "numbers that a file holds",
    networkBars("parameters", networks, network, [{ color: one, value: ({ totals }) => totals.params }], short),
  ),
  figure(
    "Multiply-adds",
    "for one picture",
    networkBars("multiply-adds", networks, network, [{ color: one, value: ({ totals }) => totals.macs }], short),
  ),
  figure(
    "Memory touched",
    "for one picture, float32",
    networkBars(
      "memory touched",
      networks,
      network,
      [
        { color: "var(--after)", value: ({ totals }) => totals.memory.weights },
        { color: "var(--read)", value: ({ totals }) => totals.memory.read },
        { color: "var(--written)", value: ({ totals }) => totals.memory.written },
      ],
      bytes,
    ),
    key([
      ["var(--after)", "parameters"],
      ["var(--read)", "maps read"],
      ["var(--written)", "maps written"],
    ]),
  ),
)}
${table(networkGrid(networks), { kind: (i) => (networks[i].network === network ? "asked" : "") })}`;
}
