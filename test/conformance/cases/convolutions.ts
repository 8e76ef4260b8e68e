import { activationNames } from "../../../packages/mobilenets/src/graph/activations.ts";
import { conv2d } from "../../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { type Padding, type WindowAttrs, windowGeometry } from "../../../packages/mobilenets/src/graph/window.ts";
import { random } from "../../../packages/mobilenets/src/random.ts";
import { conv, depthwise } from "../../support/graph-of.ts";
import { type Case, caseOf, channelCounts, inner } from "../case.ts";

type Pair = readonly [number, number];

const kernelSizes: readonly Pair[] = [
  [1, 1],
  [3, 3],
  [5, 5],
  [3, 3],
  [5, 5],
  [2, 2],
  [4, 4],
  [1, 3],
  [3, 1],
  [2, 5],
  [7, 7],
];
const strides: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [1, 1],
  [2, 2],
  [2, 1],
  [1, 2],
  [3, 3],
];
const sources = ["picture", "value", "convolution"] as const;

/** Draws from lists with a seed. */
function drawing(seed: number) {
  const next = random(seed);
  const upTo = (n: number) => Math.floor(n * next());
  const from = <T>(list: readonly T[]): T => list[upTo(list.length)];
  const window = (height: number, width: number): WindowAttrs => {
    for (;;) {
      const padding: Padding = from([
        "same",
        "valid",
        { top: upTo(3), bottom: upTo(3), left: upTo(3), right: upTo(3) },
      ] as const);
      const attrs = { kernelSize: from(kernelSizes), strides: from(strides), padding };
      if (fits(height, width, attrs)) return attrs;
    }
  };
  return { upTo, from, window };
}

function fits(height: number, width: number, attrs: WindowAttrs): boolean {
  try {
    windowGeometry(height, width, attrs);
    return true;
  } catch {
    return false;
  }
}

const show = ({ kernelSize, strides, padding }: WindowAttrs) => {
  const zeros = typeof padding === "string" ? padding : Object.values(padding).join(" ");
  return `${kernelSize.join("x")} stride ${strides.join("x")} pad ${zeros}`;
};

/**
 * Windows of any shape over maps of any size. The source is the picture itself, a value, or the result of a
 * convolution that nothing but the window reads.
 */
function randomWindows(count: number, seed: number): Case[] {
  const { upTo, from, window } = drawing(seed);
  return Array.from({ length: count }, (_, i) => {
    const [height, width] =
      i % 8 === 0
        ? from([
            [1, 1],
            [2, 2],
            [1, 2],
          ])
        : [1 + upTo(13), 1 + upTo(13)];
    const channels = from(channelCounts);
    const filters = from(channelCounts);
    const attrs = window(height, width);
    const source = from(sources);
    const useBias = upTo(2) === 1;
    const activation = from(activationNames);
    const depthMultiplier = from([1, 1, 2, 3]);
    const batch = from([1, 1, 3]);
    const isDepthwise = i % 2 === 1;
    const what = isDepthwise ? `depthwise x${depthMultiplier}` : `conv to ${filters}`;
    const name = `window ${i}: ${what} ${show(attrs)} on ${source} ${height}x${width}x${channels}, ${activation}`;
    return caseOf(
      name,
      [height, width, channels],
      (b) => {
        const x =
          source === "picture"
            ? b.input
            : source === "value"
              ? inner(b)
              : b.add(conv2d, "source", [b.input], conv(channels, { useBias: true }));
        return isDepthwise
          ? b.add(depthwiseConv2d, "y", [x], depthwise({ ...attrs, depthMultiplier, useBias, activation }))
          : b.add(conv2d, "y", [x], conv(filters, { ...attrs, useBias, activation }));
      },
      batch,
    );
  });
}

/** All numbers of pixels up to twice the tallest tile and beyond, and all numbers of filters around panels. */
const tileEdges: readonly Case[] = [
  ...Array.from({ length: 20 }, (_, i) =>
    caseOf(`1x1 convolution of ${i + 1} pixels`, [1, i + 1, 12], (b) =>
      b.add(conv2d, "y", [inner(b)], conv(9, { useBias: true, activation: "relu" })),
    ),
  ),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 17, 24, 31, 40].map((filters) =>
    caseOf(`1x1 convolution to ${filters} filters`, [3, 3, 7], (b) =>
      b.add(conv2d, "y", [inner(b)], conv(filters, { useBias: true })),
    ),
  ),
];

/** Weights or inputs too large for one block: the loops outside the tiles run more than once. */
const blockEdges: readonly Case[] = [
  caseOf("1x1 convolution of many pixels with many weights", [27, 28, 64], (b) =>
    b.add(conv2d, "y", [inner(b)], conv(92, { useBias: true, activation: "relu6" })),
  ),
  caseOf("3x3 convolution of long rows with many weights", [9, 9, 120], (b) =>
    b.add(conv2d, "y", [inner(b)], conv(18, { kernelSize: [3, 3], padding: "same" })),
  ),
  caseOf("1x1 convolution of one pixel with many weights", [1, 1, 260], (b) =>
    b.add(conv2d, "y", [inner(b)], conv(301, { useBias: true, activation: "hard_swish" })),
  ),
];

/** Rows of every length through the tiles of the depthwise kernels, at both strides and sizes. */
const rowLengths: readonly Case[] = [3, 5].flatMap((k) =>
  [1, 2].flatMap((stride) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 15].map((width) =>
      caseOf(
        `depthwise ${k}x${k} stride ${stride} on rows of ${width}`,
        [4, width, 12],
        (b) =>
          b.add(
            depthwiseConv2d,
            "y",
            [b.add(conv2d, "x", [b.input], conv(12))],
            depthwise({ kernelSize: [k, k], strides: [stride, stride], useBias: true, activation: "relu6" }),
          ),
        width % 3 === 0 ? 3 : 1,
      ),
    ),
  ),
);

/** Each activation inside each kind of window, at sizes that need no luck of the draw. */
const activations: readonly Case[] = activationNames.flatMap((activation) => [
  caseOf(`conv2d with ${activation} inside`, [3, 5, 7], (b) =>
    b.add(conv2d, "y", [inner(b)], conv(11, { useBias: true, activation })),
  ),
  caseOf(`depthwise_conv2d 3x3 with ${activation} inside`, [5, 5, 7], (b) =>
    b.add(depthwiseConv2d, "y", [inner(b)], depthwise({ useBias: true, activation })),
  ),
  caseOf(`depthwise_conv2d 2x3 with ${activation} inside`, [5, 5, 7], (b) =>
    b.add(depthwiseConv2d, "y", [inner(b)], depthwise({ kernelSize: [2, 3], useBias: true, activation })),
  ),
]);

/** The first layer of a network reads the picture itself, of 3 channels or 1. */
const pictures: readonly Case[] = [1, 3].flatMap((channels) =>
  [1, 2].flatMap((stride) => [
    caseOf(`3x3 convolution stride ${stride} on a picture of ${channels} channels`, [9, 11, channels], (b) =>
      b.add(conv2d, "y", [b.input], conv(8, { kernelSize: [3, 3], strides: [stride, stride], padding: "same" })),
    ),
    caseOf(`3x3 depthwise stride ${stride} on a picture of ${channels} channels`, [9, 11, channels], (b) =>
      b.add(depthwiseConv2d, "y", [b.input], depthwise({ strides: [stride, stride], depthMultiplier: stride })),
    ),
  ]),
);

export const convolutions: readonly Case[] = [
  ...randomWindows(160, 1),
  ...tileEdges,
  ...blockEdges,
  ...rowLengths,
  ...activations,
  ...pictures,
];
