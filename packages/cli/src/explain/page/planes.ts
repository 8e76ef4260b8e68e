import type { ConvolutionComparison } from "mobilenets/graph";
import { product } from "../units.ts";
import { english, type FigureWords } from "./figure-words.ts";
import { arrow, drawing, label, path, rect, short } from "./svg.ts";

/** The drawings of convolutions as stacks of planes. */

/** Side of a pixel, and the offset of each plane of a stack to the one before. */
const CELL = 10;
const BEHIND = 8;
const WIDTH = 340;
const TOP = 46;
const ROW = 66;

/** Left edges of the three columns. */
const INPUT = 8;
const KERNEL = 150;
const OUTPUT = 262;

/** CSS classes of the input channels, by number, and of the output. */
const channelClass = (channel: number) => `plane c${channel % 4}`;
const OUT = "plane out";

/** Draws planes behind each other, the first in front. `x`, `y` is the front plane's upper left corner. */
function stack(x: number, y: number, height: number, width: number, classes: readonly string[]): string {
  return classes
    .map((className, i) => plane(x + i * BEHIND, y - i * BEHIND, height, width, className))
    .reverse()
    .join("");
}

function plane(x: number, y: number, height: number, width: number, className: string): string {
  const [w, h] = [width * CELL, height * CELL];
  const rows = Array.from({ length: height - 1 }, (_, i) => `M${short(x)} ${short(y + (i + 1) * CELL)}h${w}`);
  const columns = Array.from({ length: width - 1 }, (_, i) => `M${short(x + (i + 1) * CELL)} ${short(y)}v${h}`);
  const lines = [...rows, ...columns].join("");
  return `<g class="${className}">${rect(x, y, w, h, "face")}${lines === "" ? "" : path(lines, "grid")}</g>`;
}

/** Marks the pixels that one kernel reads or writes. */
function window(x: number, y: number, rows: number, columns: number): string {
  return rect(x, y, columns * CELL, rows * CELL, "window");
}

interface Column {
  readonly title: string;
  readonly size: string;
}

function heads(columns: readonly [Column, Column, Column]): string[] {
  const places = [INPUT + 33, KERNEL + 22, OUTPUT + 25];
  return columns.flatMap(({ title, size }, i) => [
    label(places[i], 13, title, { className: "head" }),
    label(places[i], 28, size, { className: "faint" }),
  ]);
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Draws a convolution whose kernels read all channels: standard or pointwise. */
function acrossChannels(
  kind: "standard" | "pointwise",
  { sizes, standard, pointwise }: ConvolutionComparison,
  words: FigureWords,
): string {
  const { height, width, channels, filters } = sizes;
  const { kernels, kernelShape, weights } = kind === "standard" ? standard : pointwise;
  const title = words.convolution(kind, kernels, product(kernelShape), weights);
  const [kh, kw] = kernelShape;
  const bottom = TOP + filters * ROW;
  const depth = (channels - 1) * BEHIND;
  const middle = (TOP + bottom) / 2;
  const inputY = middle - (height * CELL - depth) / 2;
  const all = numbers(channels).map(channelClass);
  const edge = INPUT + width * CELL + depth;
  const rows = numbers(kernels).flatMap((i) => {
    const y = TOP + i * ROW + ROW / 2;
    const [kx, ky] = [KERNEL + (22 - (kw * CELL + depth) / 2), y - (kh * CELL - depth) / 2];
    return [
      arrow(edge + 4, middle, KERNEL - 8, y),
      stack(kx, ky, kh, kw, all),
      arrow(KERNEL + 52, y, OUTPUT - 6, y),
      plane(OUTPUT, y - (height * CELL) / 2, height, width, OUT),
      ...(i === 0 ? [window(OUTPUT + 2 * CELL, y - CELL / 2, 1, 1)] : []),
    ];
  });
  return drawing(WIDTH, bottom + 4, title, [
    ...heads([
      { title: kind === "standard" ? words.input : words.fromStep1, size: product([height, width, channels]) },
      { title: words.kernels(kernels), size: words.each(product(kernelShape)) },
      { title: words.output, size: product([height, width, filters]) },
    ]),
    stack(INPUT, inputY, height, width, all),
    window(INPUT + (CELL * (width - kw)) / 2, inputY + (CELL * (height - kh)) / 2, kh, kw),
    ...rows,
  ]);
}

export function standardDrawing(example: ConvolutionComparison, words: FigureWords = english): string {
  return acrossChannels("standard", example, words);
}

export function pointwiseDrawing(example: ConvolutionComparison, words: FigureWords = english): string {
  return acrossChannels("pointwise", example, words);
}

/** Draws a convolution whose kernels read one channel each. It is as high as the other drawings beside it. */
export function depthwiseDrawing({ sizes, depthwise }: ConvolutionComparison, words: FigureWords = english): string {
  const { height, width, channels, filters } = sizes;
  const { kernels, kernelShape, weights } = depthwise;
  const [kh, kw] = kernelShape;
  const bottom = TOP + filters * ROW;
  const row = (bottom - TOP) / channels;
  const title = words.convolution("depthwise", kernels, product(kernelShape), weights);
  const rows = numbers(channels).flatMap((i) => {
    const y = TOP + i * row + row / 2;
    const x = INPUT + 8;
    const mapY = y - (height * CELL) / 2;
    const kernelX = KERNEL + 22 - (kw * CELL) / 2;
    return [
      plane(x, mapY, height, width, channelClass(i)),
      window(x + (CELL * (width - kw)) / 2, y - (CELL * kh) / 2, kh, kw),
      arrow(x + width * CELL + 6, y, kernelX - 8, y),
      plane(kernelX, y - (CELL * kh) / 2, kh, kw, channelClass(i)),
      arrow(kernelX + kw * CELL + 8, y, OUTPUT - 6, y),
      plane(OUTPUT, mapY, height, width, channelClass(i)),
      window(OUTPUT + 2 * CELL, y - CELL / 2, 1, 1),
    ];
  });
  return drawing(WIDTH, bottom + 4, title, [
    ...heads([
      { title: words.input, size: product([height, width, channels]) },
      { title: words.kernels(kernels), size: words.each(product(kernelShape)) },
      { title: words.output, size: product([height, width, channels]) },
    ]),
    ...rows,
  ]);
}
