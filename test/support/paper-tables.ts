import type { NetworkName } from "../../packages/mobilenets/src/models/networks.ts";

/** A block of a paper's table, at width 1. */
export interface PaperBlock {
  readonly input: number;
  readonly expanded: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly residual: boolean;
  /** Squeezed channels of squeeze-and-excite; 0 without it. */
  readonly squeezed: number;
}

/** `input expanded output kernel stride`, then `+` for a residual and `/n` for a squeeze to n channels. */
function block(text: string): PaperBlock {
  const [input, expanded, output, kernel, stride] = text.split(" ").map(Number);
  const squeezed = Number(/\/(\d+)/.exec(text)?.[1] ?? 0);
  return { input, expanded, output, kernel, stride, residual: text.includes("+"), squeezed };
}

const times = (count: number, text: string): string[] => Array(count).fill(text);

/** Howard et al. 2017, table 1. */
const v1 = [
  "32 32 64 3 1",
  "64 64 128 3 2",
  "128 128 128 3 1",
  "128 128 256 3 2",
  "256 256 256 3 1",
  "256 256 512 3 2",
  ...times(5, "512 512 512 3 1"),
  "512 512 1024 3 2",
  "1024 1024 1024 3 1",
];

/** Sandler et al. 2018, table 2: six times the input's channels, except in the first block. */
const v2 = [
  "32 32 16 3 1",
  "16 96 24 3 2",
  "24 144 24 3 1 +",
  "24 144 32 3 2",
  ...times(2, "32 192 32 3 1 +"),
  "32 192 64 3 2",
  ...times(3, "64 384 64 3 1 +"),
  "64 384 96 3 1",
  ...times(2, "96 576 96 3 1 +"),
  "96 576 160 3 2",
  ...times(2, "160 960 160 3 1 +"),
  "160 960 320 3 1",
];

/** Howard et al. 2019, table 2; a quarter of the expanded channels, rounded to a multiple of 8 (section 5.3). */
const v3Small = [
  "16 16 16 3 2 /8",
  "16 72 24 3 2",
  "24 88 24 3 1 +",
  "24 96 40 5 2 /24",
  ...times(2, "40 240 40 5 1 + /64"),
  "40 120 48 5 1 /32",
  "48 144 48 5 1 + /40",
  "48 288 96 5 2 /72",
  ...times(2, "96 576 96 5 1 + /144"),
];

/** Howard et al. 2019, table 1. */
const v3Large = [
  "16 16 16 3 1 +",
  "16 64 24 3 2",
  "24 72 24 3 1 +",
  "24 72 40 5 2 /24",
  ...times(2, "40 120 40 5 1 + /32"),
  "40 240 80 3 2",
  "80 200 80 3 1 +",
  ...times(2, "80 184 80 3 1 +"),
  "80 480 112 3 1 /120",
  "112 672 112 3 1 + /168",
  "112 672 160 5 2 /168",
  ...times(2, "160 960 160 5 1 + /240"),
];

/** Tan and Le 2019, table 1: the blocks of EfficientNet-B0, without squeeze. */
const lite0 = [
  "32 32 16 3 1",
  "16 96 24 3 2",
  "24 144 24 3 1 +",
  "24 144 40 5 2",
  "40 240 40 5 1 +",
  "40 240 80 3 2",
  ...times(2, "80 480 80 3 1 +"),
  "80 480 112 5 1",
  ...times(2, "112 672 112 5 1 +"),
  "112 672 192 5 2",
  ...times(3, "192 1152 192 5 1 +"),
  "192 1152 320 3 1",
];

/** The blocks of each network, from its paper's table. */
export const paperBlocks: Record<NetworkName, readonly PaperBlock[]> = {
  mobilenet_v1: v1.map(block),
  mobilenet_v2: v2.map(block),
  mobilenet_v3_small: v3Small.map(block),
  mobilenet_v3_large: v3Large.map(block),
  efficientnet_lite0: lite0.map(block),
};

/** Channels after the last block: of a last 1x1 convolution over the map, then of layers over the pooled vector. */
const heads: Record<NetworkName, readonly number[]> = {
  mobilenet_v1: [],
  mobilenet_v2: [1280],
  mobilenet_v3_small: [576, 1024],
  mobilenet_v3_large: [960, 1280],
  efficientnet_lite0: [1280],
};

/** Kernel weights and multiply-adds at 224x224 pixels and 1,000 classes, counted layer by layer from the tables. */
export function countByHand(network: NetworkName) {
  const blocks = paperBlocks[network];
  let side = 112;
  let weights = 27 * blocks[0].input;
  let macs = weights * side ** 2;
  /** Costs with a standard convolution instead of each pair. */
  const more = { weights: 0, macs: 0 };
  for (const { input, expanded, output, kernel, stride, squeezed } of blocks) {
    if (expanded !== input) {
      weights += input * expanded;
      macs += input * expanded * side ** 2;
    }
    side /= stride;
    const pair = kernel ** 2 * expanded + expanded * output;
    weights += pair + 2 * expanded * squeezed;
    macs += pair * side ** 2 + 2 * expanded * squeezed;
    const extra = kernel ** 2 * expanded * output - pair;
    more.weights += extra;
    more.macs += extra * side ** 2;
  }
  const last = blocks[blocks.length - 1].output;
  const widths = [last, ...heads[network], 1000];
  widths.slice(1).forEach((width, i) => {
    const count = widths[i] * width;
    weights += count;
    macs += count * (i === 0 && heads[network].length > 0 ? side ** 2 : 1);
  });
  return {
    separable: { weights, macs },
    standard: { weights: weights + more.weights, macs: macs + more.macs },
  };
}
