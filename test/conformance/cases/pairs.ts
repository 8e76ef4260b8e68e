import type { GraphBuilder } from "../../../packages/mobilenets/src/graph/builder.ts";
import { activation } from "../../../packages/mobilenets/src/graph/ops/activation.ts";
import { add } from "../../../packages/mobilenets/src/graph/ops/add.ts";
import { batchNormalization } from "../../../packages/mobilenets/src/graph/ops/batch_normalization.ts";
import { conv2d } from "../../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { dense } from "../../../packages/mobilenets/src/graph/ops/dense.ts";
import { depthwiseConv2d } from "../../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { dropout } from "../../../packages/mobilenets/src/graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../../packages/mobilenets/src/graph/ops/global_max_pooling2d.ts";
import { multiply } from "../../../packages/mobilenets/src/graph/ops/multiply.ts";
import { rescaling } from "../../../packages/mobilenets/src/graph/ops/rescaling.ts";
import { reshape } from "../../../packages/mobilenets/src/graph/ops/reshape.ts";
import { zeroPadding2d } from "../../../packages/mobilenets/src/graph/ops/zero_padding2d.ts";
import { batchNorm, conv, depthwise, units } from "../../support/graph-of.ts";
import { type Case, caseOf } from "../case.ts";

type Layer = (b: GraphBuilder, x: string, name: string) => string;

/** Keeps passes from merging the layer with the next: what is tested is how one reads what the other wrote. */
const apart = { useBias: true, activation: "relu" } as const;
const square = (k: number, stride = 1) => ({ kernelSize: [k, k], strides: [stride, stride] }) as const;

/** Maps in, maps out, channels kept: each may lay its result out in a way of its own. */
const layers: Readonly<Record<string, Layer>> = {
  "softmax layer": (b, x, name) => b.add(activation, name, [x], { activation: "softmax" }),
  "sigmoid layer": (b, x, name) => b.add(activation, name, [x], { activation: "sigmoid" }),
  "hard_swish layer": (b, x, name) => b.add(activation, name, [x], { activation: "hard_swish" }),
  add: (b, x, name) => b.add(add, name, [x, b.add(rescaling, `${name}_r`, [x], { scale: 0.5, offset: 1 })], {}),
  batch_normalization: (b, x, name) => b.add(batchNormalization, name, [x], batchNorm),
  "conv2d 1x1": (b, x, name) => b.add(conv2d, name, [x], conv(b.shapeOf(x)[3], apart)),
  "conv2d 3x3": (b, x, name) =>
    b.add(conv2d, name, [x], conv(b.shapeOf(x)[3], { ...apart, ...square(3), padding: "same" })),
  "conv2d stride 2": (b, x, name) =>
    b.add(conv2d, name, [x], conv(b.shapeOf(x)[3], { ...apart, ...square(2, 2), padding: "same" })),
  "depthwise 3x3": (b, x, name) => b.add(depthwiseConv2d, name, [x], depthwise(apart)),
  "depthwise 5x5 stride 2": (b, x, name) => b.add(depthwiseConv2d, name, [x], depthwise({ ...apart, ...square(5, 2) })),
  "depthwise 2x2": (b, x, name) => b.add(depthwiseConv2d, name, [x], depthwise({ ...apart, ...square(2) })),
  "depthwise x2": (b, x, name) => b.add(depthwiseConv2d, name, [x], depthwise({ ...apart, depthMultiplier: 2 })),
  "average kept": (b, x, name) => b.add(globalAveragePooling2d, name, [x], { keepdims: true }),
  "maximum kept": (b, x, name) => b.add(globalMaxPooling2d, name, [x], { keepdims: true }),
  "multiply by map": (b, x, name) =>
    b.add(multiply, name, [x, b.add(activation, `${name}_s`, [x], { activation: "hard_sigmoid" })], {}),
  "multiply by gate": (b, x, name) =>
    b.add(multiply, name, [x, b.add(globalAveragePooling2d, `${name}_g`, [x], { keepdims: true })], {}),
  rescaling: (b, x, name) => b.add(rescaling, name, [x], { scale: 0.7, offset: 0.2 }),
  "reshape transposed": (b, x, name) => {
    const [, height, width, channels] = b.shapeOf(x);
    return b.add(reshape, name, [x], { target: [width, height, channels] });
  },
  zero_padding2d: (b, x, name) =>
    b.add(zeroPadding2d, name, [x], { padding: { top: 1, bottom: 0, left: 0, right: 2 } }),
};

/** Ways to read a map that end in something else, or in nothing. */
const ends: Readonly<Record<string, Layer>> = {
  ...layers,
  nothing: (_, x) => x,
  dropout: (b, x, name) => b.add(dropout, name, [x], { rate: 0.2 }),
  "average to a vector": (b, x, name) => b.add(globalAveragePooling2d, name, [x], { keepdims: false }),
  "maximum to a vector": (b, x, name) => b.add(globalMaxPooling2d, name, [x], { keepdims: false }),
  "flatten and dense": (b, x, name) =>
    b.add(dense, name, [b.add(reshape, `${name}_f`, [x], { target: [-1] })], units(5)),
  "convolution and residual": (b, x, name) => {
    const y = b.add(conv2d, `${name}_c`, [x], conv(b.shapeOf(x)[3], { ...square(3), padding: "same", useBias: true }));
    return b.add(add, name, [y, x], {});
  },
};

const starts: Readonly<Record<string, Layer>> = { ...layers, nothing: (_, x) => x };

/** Odd channels lie with padding between pixels, and many may lie spread out. */
export const pairs: readonly Case[] = [7, 64].flatMap((channels) =>
  Object.entries(starts).flatMap(([from, first]) =>
    Object.entries(ends).map(([to, second]) =>
      caseOf(`${from}, then ${to}, of ${channels} channels`, [3, 4, channels], (b) =>
        second(b, first(b, b.input, "first"), "second"),
      ),
    ),
  ),
);
