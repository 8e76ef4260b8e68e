import { activationNames, type ElementwiseActivation } from "../../../packages/mobilenets/src/graph/activations.ts";
import type { GraphBuilder } from "../../../packages/mobilenets/src/graph/builder.ts";
import { activation } from "../../../packages/mobilenets/src/graph/ops/activation.ts";
import { activationGrad } from "../../../packages/mobilenets/src/graph/ops/activation_grad.ts";
import { batchMoments } from "../../../packages/mobilenets/src/graph/ops/batch_moments.ts";
import { batchNormInputGrad } from "../../../packages/mobilenets/src/graph/ops/batch_norm_input_grad.ts";
import { batchNormSums } from "../../../packages/mobilenets/src/graph/ops/batch_norm_sums.ts";
import { batchNormalization } from "../../../packages/mobilenets/src/graph/ops/batch_normalization.ts";
import { batchNormalizationInputGrad } from "../../../packages/mobilenets/src/graph/ops/batch_normalization_input_grad.ts";
import { batchNormalize } from "../../../packages/mobilenets/src/graph/ops/batch_normalize.ts";
import { broadcast } from "../../../packages/mobilenets/src/graph/ops/broadcast.ts";
import { channelSums } from "../../../packages/mobilenets/src/graph/ops/channel_sums.ts";
import { conv2d } from "../../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { conv2dInputGrad } from "../../../packages/mobilenets/src/graph/ops/conv2d_input_grad.ts";
import { conv2dKernelGrad } from "../../../packages/mobilenets/src/graph/ops/conv2d_kernel_grad.ts";
import { cropping2d } from "../../../packages/mobilenets/src/graph/ops/cropping2d.ts";
import { dense } from "../../../packages/mobilenets/src/graph/ops/dense.ts";
import { denseInputGrad } from "../../../packages/mobilenets/src/graph/ops/dense_input_grad.ts";
import { denseKernelGrad } from "../../../packages/mobilenets/src/graph/ops/dense_kernel_grad.ts";
import { depthwiseConv2d } from "../../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { depthwiseConv2dInputGrad } from "../../../packages/mobilenets/src/graph/ops/depthwise_conv2d_input_grad.ts";
import { depthwiseConv2dKernelGrad } from "../../../packages/mobilenets/src/graph/ops/depthwise_conv2d_kernel_grad.ts";
import { globalAveragePooling2d } from "../../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../../packages/mobilenets/src/graph/ops/global_max_pooling2d.ts";
import { globalMaxPooling2dGrad } from "../../../packages/mobilenets/src/graph/ops/global_max_pooling2d_grad.ts";
import { multiplyGateGrad } from "../../../packages/mobilenets/src/graph/ops/multiply_gate_grad.ts";
import { pick } from "../../../packages/mobilenets/src/graph/ops/pick.ts";
import { rescaling } from "../../../packages/mobilenets/src/graph/ops/rescaling.ts";
import { reshape } from "../../../packages/mobilenets/src/graph/ops/reshape.ts";
import { type Padding, symmetric } from "../../../packages/mobilenets/src/graph/window.ts";
import type { Shape } from "../../../packages/mobilenets/src/tensor.ts";
import { batchNorm, conv, depthwise, units } from "../../support/graph-of.ts";
import { type Case, inner, trainingCaseOf } from "../case.ts";

/** Channels as layers of MobileNets have them, in odd maps, and more than one picture. */
const maps: readonly { shape: Shape; batch: number }[] = [
  { shape: [7, 5, 1], batch: 1 },
  { shape: [5, 4, 3], batch: 3 },
  { shape: [3, 5, 8], batch: 3 },
  { shape: [1, 1, 12], batch: 3 },
  { shape: [7, 7, 20], batch: 1 },
  { shape: [4, 3, 64], batch: 3 },
];

const eachMap = (title: string, build: (b: GraphBuilder) => string | readonly string[]): Case[] =>
  maps.map(({ shape, batch }) => trainingCaseOf(`${title}, ${batch} of ${shape.join("x")}`, shape, build, batch));

/** A gradient that comes back to a value: of its shape, and other numbers. */
const gradientOf = (b: GraphBuilder, value: string) =>
  b.add(rescaling, `dy-of-${value}`, [value], { scale: -0.7, offset: 0.1 });

const sizeOfInput = (b: GraphBuilder) => ({ height: b.shapeOf(b.input)[1], width: b.shapeOf(b.input)[2] });

interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly shape: Shape;
}

const bottomRight = { top: 0, bottom: 1, left: 0, right: 1 };

/** Sizes that strides divide and that they do not, edges that no window reaches, and each way to pad. */
const windows = (channels: number): readonly Window[] => [
  { kernel: 1, stride: 1, padding: "same", shape: [5, 7, channels] },
  { kernel: 3, stride: 1, padding: "same", shape: [5, 7, channels] },
  { kernel: 3, stride: 2, padding: "same", shape: [5, 7, channels] },
  { kernel: 3, stride: 2, padding: "same", shape: [6, 8, channels] },
  { kernel: 3, stride: 2, padding: symmetric(1), shape: [8, 5, channels] },
  { kernel: 3, stride: 2, padding: bottomRight, shape: [6, 4, channels] },
  { kernel: 3, stride: 2, padding: "valid", shape: [8, 7, channels] },
  { kernel: 5, stride: 1, padding: "same", shape: [3, 4, channels] },
  { kernel: 5, stride: 2, padding: symmetric(2), shape: [7, 6, channels] },
];

const attrsOf = ({ kernel, stride, padding }: Window) => ({
  kernelSize: [kernel, kernel] as const,
  strides: [stride, stride] as const,
  padding,
});

const titleOf = ({ kernel, stride, padding, shape }: Window) =>
  `${kernel}x${kernel} by ${stride}, ${typeof padding === "string" ? padding : Object.values(padding).join("")}, of ${shape.join("x")}`;

const convolution = (w: Window, filters: number, batch: number): Case =>
  trainingCaseOf(
    `gradients of a convolution ${titleOf(w)} to ${filters}, ${batch} pictures`,
    w.shape,
    (b) => {
      const x = inner(b);
      const dy = gradientOf(b, b.add(conv2d, "conv", [x], conv(filters, attrsOf(w))));
      return [
        b.add(conv2dKernelGrad, "dkernel", [x, dy], attrsOf(w)),
        b.add(conv2dInputGrad, "dx", [dy, "conv/kernel"], { ...attrsOf(w), ...sizeOfInput(b) }),
      ];
    },
    batch,
  );

const depthwiseConvolution = (w: Window, depthMultiplier: number, batch: number): Case =>
  trainingCaseOf(
    `gradients of a depthwise convolution ${titleOf(w)} times ${depthMultiplier}, ${batch} pictures`,
    w.shape,
    (b) => {
      const x = inner(b);
      const attrs = depthwise({ ...attrsOf(w), depthMultiplier });
      const dy = gradientOf(b, b.add(depthwiseConv2d, "dw", [x], attrs));
      const input = { ...attrsOf(w), ...sizeOfInput(b) };
      return [
        b.add(depthwiseConv2dKernelGrad, "dkernel", [x, dy], { ...attrsOf(w), depthMultiplier }),
        b.add(depthwiseConv2dInputGrad, "dx", [dy, "dw/depthwise_kernel"], input),
      ];
    },
    batch,
  );

const convolutions: readonly Case[] = [
  ...[1, 3, 8, 20].flatMap((channels, i) =>
    windows(channels).map((w, j) => convolution(w, [8, 1, 5, 16][(i + j) % 4], j % 2 === 0 ? 3 : 1)),
  ),
  ...[
    [64, 20, 3],
    [20, 64, 1],
    [64, 64, 3],
    [33, 9, 3],
  ].map(([channels, filters, batch]) =>
    convolution({ kernel: 1, stride: 1, padding: "same", shape: [7, 3, channels] }, filters, batch),
  ),
  // Squeeze and excite.
  convolution({ kernel: 1, stride: 1, padding: "same", shape: [1, 1, 24] }, 8, 3),
  trainingCaseOf(
    "kernel gradient of a convolution of the picture",
    [9, 11, 3],
    (b) => {
      const attrs = { kernelSize: [3, 3], strides: [2, 2], padding: "same" } as const;
      const dy = gradientOf(b, b.add(conv2d, "conv", [b.input], conv(8, attrs)));
      return b.add(conv2dKernelGrad, "dkernel", [b.input, dy], attrs);
    },
    3,
  ),
];

const depthwiseConvolutions: readonly Case[] = [
  ...[1, 3, 8, 20, 64].flatMap((channels, i) =>
    windows(channels).map((w, j) => depthwiseConvolution(w, 1, (i + j) % 2 === 0 ? 3 : 1)),
  ),
  ...[1, 3, 8].flatMap((channels) => windows(channels).map((w, j) => depthwiseConvolution(w, 2, j % 2 === 0 ? 1 : 3))),
];

const elementwiseNames = activationNames.filter((name): name is ElementwiseActivation => name !== "softmax");

const norms: readonly Case[] = [
  ...eachMap("moments", (b) => b.add(batchMoments, "y", [inner(b)], {})),
  ...eachMap("moments of the picture", (b) => b.add(batchMoments, "y", [b.input], {})),
  ...elementwiseNames.flatMap((name) =>
    eachMap(`batch norm in training, ${name}`, (b) => {
      const attrs = { epsilon: 1e-3, activation: name };
      const x = inner(b);
      const moments = b.add(batchMoments, "moments", [x], {});
      const y = b.add(batchNormalize, "norm", [x, moments], attrs);
      const centred = b.add(rescaling, "centred", [y], { scale: 4, offset: -1.5 });
      const dy = gradientOf(b, b.add(activation, "bent", [centred], { activation: "relu" }));
      const norm = [dy, x, moments, "norm/gamma", "norm/beta"];
      const sums = b.add(batchNormSums, "sums", norm, attrs);
      const dx = b.add(batchNormInputGrad, "dx", [...norm, sums], attrs);
      return [y, sums, dx, b.add(pick, "dgamma", [sums], { index: 0 }), b.add(pick, "dbeta", [sums], { index: 1 })];
    }),
  ),
  ...eachMap("gradient of a batch norm that keeps its statistics", (b) => {
    const y = b.add(batchNormalization, "norm", [b.input], batchNorm);
    const params = ["gamma", "beta", "moving_mean", "moving_variance"].map((name) => `norm/${name}`);
    return [y, b.add(batchNormalizationInputGrad, "dx", [gradientOf(b, y), ...params], { epsilon: batchNorm.epsilon })];
  }),
];

const elementwise: readonly Case[] = [
  ...elementwiseNames.flatMap((name) =>
    eachMap(`gradient of ${name}`, (b) => {
      const x = b.add(rescaling, "wide", [b.input], { scale: 8, offset: -0.5 });
      return b.add(activationGrad, "dx", [inner(b), x], { activation: name });
    }),
  ),
  ...eachMap("gradient of a gate per channel", (b) => {
    const x = inner(b);
    return b.add(multiplyGateGrad, "dgate", [gradientOf(b, x), x], {});
  }),
  ...eachMap("sums of channels", (b) => b.add(channelSums, "dbias", [inner(b)], {})),
  ...eachMap("sums of channels of a vector", (b) => {
    const pooled = b.add(globalAveragePooling2d, "pool", [b.input], { keepdims: false });
    return b.add(channelSums, "dbias", [pooled], {});
  }),
  ...eachMap("cropping", (b) => {
    const [, height, width] = b.shapeOf(b.input);
    const padding = { top: height > 2 ? 1 : 0, bottom: height > 3 ? 1 : 0, left: 0, right: width > 1 ? 1 : 0 };
    return [
      b.add(cropping2d, "value", [inner(b)], { padding }),
      b.add(cropping2d, "picture", [b.input], { padding: { ...padding, left: padding.right, right: 0 } }),
    ];
  }),
];

const pools: readonly Case[] = [false, true].flatMap((keepdims) => [
  ...eachMap(`gradient of an average ${keepdims ? "kept as 1x1" : "to a vector"}`, (b) => {
    const dy = gradientOf(b, b.add(globalAveragePooling2d, "pool", [b.input], { keepdims }));
    const { height, width } = sizeOfInput(b);
    return b.add(broadcast, "dx", [dy], { height, width, scale: 1 / (height * width) });
  }),
  ...eachMap(`gradient of a maximum ${keepdims ? "kept as 1x1" : "to a vector"}`, (b) => {
    const x = inner(b);
    const pooled = b.add(globalMaxPooling2d, "pool", [x], { keepdims });
    return b.add(globalMaxPooling2dGrad, "dx", [x, pooled, gradientOf(b, pooled)], {});
  }),
]);

const denseLayers: readonly Case[] = [
  [1, 5, 1],
  [3, 1, 3],
  [8, 20, 3],
  [20, 3, 1],
  [64, 10, 3],
  [20, 64, 5],
].map(([channels, n, batch]) =>
  trainingCaseOf(
    `gradients of a dense layer from ${channels} to ${n}, ${batch} pictures`,
    [1, 1, channels],
    (b) => {
      const x = b.add(reshape, "flat", [inner(b)], { target: [-1] });
      const dy = gradientOf(b, b.add(dense, "dense", [x], units(n)));
      return [
        b.add(denseKernelGrad, "dkernel", [x, dy], {}),
        b.add(denseInputGrad, "dx", [dy, "dense/kernel"], {}),
        b.add(channelSums, "dbias", [dy], {}),
      ];
    },
    batch,
  ),
);

/** The ops that only training graphs have. Their inputs are made by layers, as in such graphs. */
export const training: readonly Case[] = [
  ...convolutions,
  ...depthwiseConvolutions,
  ...norms,
  ...elementwise,
  ...pools,
  ...denseLayers,
];
