import { activationNames } from "../../../packages/mobilenets/src/graph/activations.ts";
import { activation } from "../../../packages/mobilenets/src/graph/ops/activation.ts";
import { add } from "../../../packages/mobilenets/src/graph/ops/add.ts";
import { batchNormalization } from "../../../packages/mobilenets/src/graph/ops/batch_normalization.ts";
import { conv2d } from "../../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { dense } from "../../../packages/mobilenets/src/graph/ops/dense.ts";
import { dropout } from "../../../packages/mobilenets/src/graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../../packages/mobilenets/src/graph/ops/global_max_pooling2d.ts";
import { multiply } from "../../../packages/mobilenets/src/graph/ops/multiply.ts";
import { rescaling } from "../../../packages/mobilenets/src/graph/ops/rescaling.ts";
import { reshape } from "../../../packages/mobilenets/src/graph/ops/reshape.ts";
import { zeroPadding2d } from "../../../packages/mobilenets/src/graph/ops/zero_padding2d.ts";
import type { Shape } from "../../../packages/mobilenets/src/tensor.ts";
import { batchNorm, conv, units } from "../../support/graph-of.ts";
import { type Case, caseOf, channelCounts, inner } from "../case.ts";

/** A map of each number of channels, in sizes from a single pixel up, and a batch now and then. */
const maps: readonly { shape: Shape; batch: number }[] = channelCounts.map((channels, i) => ({
  shape: [1 + (i % 4), 1 + ((i * 2) % 7), channels],
  batch: i % 3 === 0 ? 3 : 1,
}));

const title = (op: string, [height, width, channels]: Shape) => `${op} of ${height}x${width}x${channels}`;

const activations: readonly Case[] = activationNames.flatMap((name) => [
  ...maps.map(({ shape, batch }) =>
    caseOf(
      title(`${name} layer`, shape),
      shape,
      (b) => {
        // Inputs beyond 3 and 6 reach all pieces of the hard activations.
        const x = b.add(rescaling, "wide", [b.input], { scale: 8, offset: -0.5 });
        return b.add(activation, "y", [x], { activation: name });
      },
      batch,
    ),
  ),
  caseOf(`${name} layer on the picture`, [5, 3, 3], (b) => b.add(activation, "y", [b.input], { activation: name })),
]);

const elementwise: readonly Case[] = maps.flatMap(({ shape, batch }) => [
  caseOf(title("add", shape), shape, (b) => b.add(add, "y", [inner(b), b.input], {}), batch),
  caseOf(
    title("multiply by a map", shape),
    shape,
    (b) => b.add(multiply, "y", [b.add(activation, "x", [b.input], { activation: "sigmoid" }), inner(b)], {}),
    batch,
  ),
  caseOf(
    title("multiply by a gate per channel", shape),
    shape,
    (b) => {
      const pooled = b.add(globalAveragePooling2d, "pool", [b.input], { keepdims: true });
      return b.add(multiply, "y", [inner(b), pooled], {});
    },
    batch,
  ),
  caseOf(
    title("rescaling of the picture", shape),
    shape,
    (b) => b.add(rescaling, "y", [b.input], { scale: 1 / 127.5, offset: -1 }),
    batch,
  ),
  caseOf(
    title("batch norm", shape),
    shape,
    (b) => b.add(batchNormalization, "y", [b.add(batchNormalization, "x", [b.input], batchNorm)], { ...batchNorm }),
    batch,
  ),
  caseOf(title("dropout", shape), shape, (b) => b.add(dropout, "y", [inner(b)], { rate: 0.2 }), batch),
]);

const itself: readonly Case[] = [
  caseOf("a value added to itself", [3, 3, 5], (b) => b.add(add, "y", [inner(b), "inner"], {})),
  caseOf("a value multiplied by itself", [3, 3, 5], (b) => b.add(multiply, "y", [inner(b), "inner"], {})),
  caseOf("a vector multiplied by another", [3, 3, 70], (b) => {
    const pooled = b.add(globalAveragePooling2d, "pool", [b.input], { keepdims: false });
    return b.add(multiply, "y", [pooled, b.add(activation, "gate", [pooled], { activation: "sigmoid" })], {});
  }),
  caseOf("the picture added to itself", [3, 3, 3], (b) => b.add(add, "y", [b.input, b.input], {})),
  caseOf("the picture gated by itself", [1, 1, 3], (b) => b.add(multiply, "y", [b.input, b.input], {})),
];

const pooling: readonly Case[] = [globalAveragePooling2d, globalMaxPooling2d].flatMap((pool) =>
  [false, true].flatMap((keepdims) =>
    [...maps, { shape: [7, 7, 70], batch: 1 }, { shape: [1, 1, 6], batch: 3 }].map(({ shape, batch }, i) =>
      caseOf(
        title(`${pool.name} ${keepdims ? "kept as 1x1" : "to a vector"}`, shape),
        shape,
        (b) => {
          // All below zero, so that a maximum cannot start from 0.
          const x = b.add(rescaling, "negative", [b.input], { scale: 1, offset: -2 });
          return b.add(pool, "y", [i % 4 === 3 ? b.input : x], { keepdims });
        },
        batch,
      ),
    ),
  ),
);

const pool = (keepdims: boolean) => ({ keepdims });

const denseLayers: readonly Case[] = [
  ...channelCounts.flatMap((channels, i) =>
    [1, 5, 8, 10].map((n) =>
      caseOf(
        `dense from ${channels} to ${n}`,
        [2, 2, channels],
        (b) => {
          const x = b.add(globalAveragePooling2d, "pool", [b.input], pool(false));
          return b.add(dense, "y", [x], units(n, { useBias: i % 2 === 0, activation: n === 1 ? "linear" : "relu" }));
        },
        i % 2 === 0 ? 3 : 1,
      ),
    ),
  ),
  ...activationNames.map((name) =>
    caseOf(`dense with ${name} inside`, [3, 2, 9], (b) =>
      b.add(dense, "y", [b.add(reshape, "flat", [inner(b)], { target: [-1] })], units(13, { activation: name })),
    ),
  ),
  caseOf("two dense layers of many units", [1, 1, 200], (b) => {
    const hidden = b.add(
      dense,
      "hidden",
      [b.add(reshape, "flat", [b.input], { target: [-1] })],
      units(130, { activation: "hard_swish" }),
    );
    return b.add(dense, "y", [hidden], units(257, { activation: "softmax" }));
  }),
];

const reshaped = (name: string, shape: Shape, target: readonly number[], batch = 1) => [
  caseOf(`${name}, a value`, shape, (b) => b.add(reshape, "y", [inner(b)], { target }), batch),
  caseOf(`${name}, the picture`, shape, (b) => b.add(reshape, "y", [b.input], { target }), batch),
  caseOf(
    `${name}, read by a convolution`,
    shape,
    (b) => {
      const y = b.add(reshape, "reshaped", [inner(b)], { target });
      const map =
        target.length === 3 ? y : b.add(reshape, "map", [y], { target: [1, 1, shape[0] * shape[1] * shape[2]] });
      return b.add(conv2d, "y", [map], conv(5, { kernelSize: [1, 1], useBias: true }));
    },
    batch,
  ),
];

const reshapes: readonly Case[] = [
  ...reshaped("flatten 3x5x7", [3, 5, 7], [-1]),
  ...reshaped("flatten 2x2x8", [2, 2, 8], [-1], 3),
  ...reshaped("flatten 1x1x5", [1, 1, 5], [-1], 3),
  ...reshaped("reshape 2x3x5 to 5x3x2", [2, 3, 5], [5, 3, 2]),
  ...reshaped("reshape 2x3x5 to 1x1x30", [2, 3, 5], [1, 1, 30], 3),
  ...reshaped("reshape 4x2x4 to 2x2x8", [4, 2, 4], [2, 2, 8]),
  ...reshaped("reshape 4x2x8 to 8x8x1", [4, 2, 8], [8, 8, 1]),
  ...reshaped("reshape 1x1x12 to 2x2x3", [1, 1, 12], [2, 2, 3], 3),
  ...reshaped("reshape 1x1x16 to 2x2x4", [1, 1, 16], [2, 2, 4]),
];

const padding = (top: number, bottom: number, left: number, right: number) => ({
  padding: { top, bottom, left, right },
});

const paddings: readonly Case[] = [
  ...maps.map(({ shape, batch }, i) =>
    caseOf(
      title("zero padding", shape),
      shape,
      (b) => b.add(zeroPadding2d, "y", [i % 3 === 2 ? b.input : inner(b)], padding(i % 3, 1, 2, i % 2)),
      batch,
    ),
  ),
  caseOf("zero padding by nothing", [3, 3, 5], (b) => b.add(zeroPadding2d, "y", [inner(b)], padding(0, 0, 0, 0))),
  caseOf("zero padding twice", [3, 3, 5], (b) =>
    b.add(zeroPadding2d, "y", [b.add(zeroPadding2d, "once", [inner(b)], padding(1, 0, 0, 2))], padding(0, 1, 1, 0)),
  ),
  caseOf("zero padding before a maximum", [2, 2, 5], (b) => {
    const x = b.add(rescaling, "mostly-negative", [b.input], { scale: 1, offset: -0.5 });
    return b.add(globalMaxPooling2d, "y", [b.add(zeroPadding2d, "pad", [x], padding(0, 1, 0, 1))], pool(false));
  }),
];

export const layers: readonly Case[] = [
  ...activations,
  ...elementwise,
  ...itself,
  ...pooling,
  ...denseLayers,
  ...reshapes,
  ...paddings,
];
