import type { Block } from "mobilenets/graph";
import { blockTitle } from "../words.ts";
import { english, type FigureWords } from "./figure-words.ts";
import { arrow, drawing, label, path, rect, short } from "./svg.ts";

/** The drawing of a block as its channels get wider and narrower. */

/** A layer of a block, with its output channels. */
interface Stage {
  readonly channels: number;
  /** `1x1, ReLU6` */
  readonly layer: string;
}

export interface Bottleneck {
  readonly title: string;
  readonly input: number;
  readonly stages: readonly Stage[];
  readonly residual: boolean;
  /** True if the last layer has no activation. */
  readonly linear: boolean;
  /** Number of kernel weights. */
  readonly weights: number;
}

/** The first block of ResNet-50: He et al. 2016, figure 5, right. */
export const resnetBottleneckIn = (words: FigureWords): Bottleneck => ({
  title: words.resnet,
  input: 256,
  stages: [
    { channels: 64, layer: "1x1, ReLU" },
    { channels: 64, layer: "3x3, ReLU" },
    { channels: 256, layer: "1x1" },
  ],
  residual: true,
  linear: false,
  weights: 256 * 64 + 3 * 3 * 64 * 64 + 64 * 256,
});

export const resnetBottleneck = resnetBottleneckIn(english);

export function bottleneckOf(block: Block, words: FigureWords = english): Bottleneck {
  const { expand, channels, kernel, stride, squeeze, activation, outputActivation } = block;
  const isLinear = outputActivation === "linear";
  const parts = [words.depthwise(kernel.join("x")), ...(stride[0] > 1 ? [words.stride(stride[0])] : [])];
  return {
    title: words.block(isLinear ? "inverted" : "separable", blockTitle(block.name)),
    input: channels.input,
    stages: [
      ...(expand ? [{ channels: channels.expanded, layer: `1x1, ${words.activation(activation)}` }] : []),
      {
        channels: channels.expanded,
        layer: [...parts, words.activation(activation), ...(squeeze ? [words.squeeze] : [])].join(", "),
      },
      { channels: channels.output, layer: `1x1, ${isLinear ? words.linear : words.activation(outputActivation)}` },
    ],
    residual: block.residual,
    linear: isLinear,
    weights:
      (expand ? channels.input * channels.expanded : 0) +
      kernel[0] * kernel[1] * channels.expanded +
      channels.expanded * channels.output,
  };
}

const WIDTH = 340;
/** Width of the widest bar, the centre of the bars, and the heights of bars and layers. */
const WIDEST = 150;
const CENTRE = 104;
const BAR = 16;
const LAYER = 46;
const TOP = 6;
/** Height of a line of a label, and the most characters that fit beside the bars. */
const LINE = 14;
const LONGEST = 22;

/** Breaks a text after commas. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=,) /)) {
    const longer = `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && longer.length <= LONGEST) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

/** Draws a block from top to bottom. Widths show the channels of its maps. */
export function bottleneckDrawing(
  { title, input, stages, residual, linear }: Bottleneck,
  words: FigureWords = english,
): string {
  const most = Math.max(input, ...stages.map(({ channels }) => channels));
  const widthOf = (channels: number) => Math.max(3, (WIDEST * channels) / most);
  const yOf = (i: number) => TOP + i * (BAR + LAYER);
  const bars = [input, ...stages.map(({ channels }) => channels)];
  const last = bars.length - 1;
  const parts = bars.flatMap((channels, i) => {
    const width = widthOf(channels);
    const isNarrow = channels < most;
    const kind = i === last && linear ? "bar linear" : `bar ${isNarrow ? "narrow" : "wide"}`;
    return [
      rect(CENTRE - width / 2, yOf(i), width, BAR, kind),
      label(WIDTH - 148, yOf(i) + 13, words.channels(channels), { anchor: "start", className: "strong" }),
    ];
  });
  const layers = stages.flatMap(({ layer, channels }, i) => {
    const [from, to] = [widthOf(bars[i]) / 2, widthOf(channels) / 2];
    const [y1, y2] = [yOf(i) + BAR, yOf(i + 1)];
    const shape = `M${short(CENTRE - from)} ${y1}L${short(CENTRE + from)} ${y1}L${short(CENTRE + to)} ${y2}L${short(CENTRE - to)} ${y2}Z`;
    const lines = linesOf(layer);
    const first = (y1 + y2) / 2 + 4 - ((lines.length - 1) * LINE) / 2;
    return [
      path(shape, "layer"),
      ...lines.map((line, n) => label(WIDTH - 148, first + n * LINE, line, { anchor: "start", className: "faint" })),
    ];
  });
  const height = yOf(last) + BAR + (residual ? 30 : 8);
  const end = yOf(last) + BAR + 16;
  const side = 14;
  const shortcut = residual
    ? [
        path(
          `M${short(CENTRE - widthOf(input) / 2)} ${TOP + BAR / 2}H${side + 8}Q${side} ${TOP + BAR / 2} ${side} ${TOP + BAR / 2 + 8}V${end - 8}Q${side} ${end} ${side + 8} ${end}`,
          "shortcut",
        ),
        arrow(side + 8, end, CENTRE - 10, end),
        `<circle cx="${CENTRE}" cy="${end}" r="8" class="plus"/>`,
        label(CENTRE, end + 5, "+", { className: "strong" }),
        label(CENTRE + 16, end + 4, words.plusInput, { anchor: "start", className: "faint" }),
      ]
    : [];
  return drawing(WIDTH, height, words.blockTitle(title, bars), [...layers, ...parts, ...shortcut]);
}
