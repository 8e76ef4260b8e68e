import type { GraphBuilder } from "../../../packages/mobilenets/src/graph/builder.ts";
import { concatenate } from "../../../packages/mobilenets/src/graph/ops/concatenate.ts";
import { cropping2d } from "../../../packages/mobilenets/src/graph/ops/cropping2d.ts";
import { dense } from "../../../packages/mobilenets/src/graph/ops/dense.ts";
import { globalAveragePooling2d } from "../../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { layerNormalization } from "../../../packages/mobilenets/src/graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../../packages/mobilenets/src/graph/ops/log_softmax.ts";
import { logSoftmaxGrad } from "../../../packages/mobilenets/src/graph/ops/log_softmax_grad.ts";
import { multiply } from "../../../packages/mobilenets/src/graph/ops/multiply.ts";
import { normalizeRows } from "../../../packages/mobilenets/src/graph/ops/normalize_rows.ts";
import { normalizeRowsGrad } from "../../../packages/mobilenets/src/graph/ops/normalize_rows_grad.ts";
import { type Pooling2dAttrs, pooling2d } from "../../../packages/mobilenets/src/graph/ops/pooling2d.ts";
import { pooling2dGrad } from "../../../packages/mobilenets/src/graph/ops/pooling2d_grad.ts";
import { rescaling } from "../../../packages/mobilenets/src/graph/ops/rescaling.ts";
import { resize2d } from "../../../packages/mobilenets/src/graph/ops/resize2d.ts";
import { resize2dGrad } from "../../../packages/mobilenets/src/graph/ops/resize2d_grad.ts";
import { sliceChannels } from "../../../packages/mobilenets/src/graph/ops/slice_channels.ts";
import { unary } from "../../../packages/mobilenets/src/graph/ops/unary.ts";
import { unaryGrad } from "../../../packages/mobilenets/src/graph/ops/unary_grad.ts";
import { type UnaryFunction, unaryNames } from "../../../packages/mobilenets/src/graph/unary-functions.ts";
import { symmetric } from "../../../packages/mobilenets/src/graph/window.ts";
import type { Shape } from "../../../packages/mobilenets/src/tensor.ts";
import { units } from "../../support/graph-of.ts";
import { type Case, caseOf, inner, trainingCaseOf } from "../case.ts";

const maps: readonly { shape: Shape; batch: number }[] = [
  { shape: [7, 5, 1], batch: 1 },
  { shape: [5, 4, 3], batch: 3 },
  { shape: [1, 1, 12], batch: 2 },
  { shape: [4, 3, 33], batch: 2 },
];

const eachMap = (title: string, build: (b: GraphBuilder) => string | readonly string[]): Case[] =>
  maps.map(({ shape, batch }) => caseOf(`${title}, ${batch} of ${shape.join("x")}`, shape, build, batch));

const vector = (b: GraphBuilder) => b.add(globalAveragePooling2d, "features", [inner(b)], { keepdims: false });

/** From -9 to 9: where the functions bend and where they are straight. */
const wide = (b: GraphBuilder) => b.add(rescaling, "wide", [b.input], { scale: 4, offset: -0.5 });

/** What a function is given: a logarithm no negative numbers. Lanes of padding may be 0, whose logarithm is infinite. */
const given = (b: GraphBuilder, name: UnaryFunction, x: string) =>
  name === "log" ? b.add(multiply, "square", [x, x], {}) : x;

const functions: readonly Case[] = unaryNames.flatMap((name) => [
  ...eachMap(`function ${name}`, (b) => b.add(unary, "y", [given(b, name, wide(b))], { function: name, alpha: 0.3 })),
  caseOf(`function ${name} in a head`, [3, 3, 9], (b) => {
    const hidden = b.add(dense, "hidden", [vector(b)], units(7));
    const bent = b.add(unary, "bent", [given(b, name, hidden)], { function: name, alpha: 0.2 });
    return b.add(dense, "top", [bent], units(3));
  }),
  trainingCaseOf(
    `slope of ${name}`,
    [4, 5, 6],
    (b) => b.add(unaryGrad, "dx", [inner(b), given(b, name, wide(b))], { function: name, alpha: 0.3 }),
    2,
  ),
]);

const rows: readonly Case[] = [
  ...(["length", "variance"] as const).flatMap((kind) => [
    caseOf(
      `rows normalised by ${kind}`,
      [5, 4, 7],
      (b) => b.add(normalizeRows, "y", [inner(b)], { kind, epsilon: 1e-3 }),
      3,
    ),
    caseOf(`a vector normalised by ${kind}`, [3, 3, 33], (b) => {
      return b.add(normalizeRows, "y", [vector(b)], { kind, epsilon: 1e-5 });
    }),
    trainingCaseOf(
      `gradient of rows normalised by ${kind}`,
      [3, 4, 9],
      (b) => {
        const dy = b.add(rescaling, "dy", [b.input], { scale: -0.7, offset: 0.1 });
        return b.add(normalizeRowsGrad, "dx", [dy, b.add(unary, "x", [b.input], { function: "tanh" })], {
          kind,
          epsilon: 1e-3,
        });
      },
      2,
    ),
  ]),
  ...[3, 8, 33].map((channels) =>
    caseOf(
      `layer normalization of ${channels}`,
      [4, 3, channels],
      (b) => {
        const map = b.add(layerNormalization, "map", [inner(b)], { epsilon: 1e-3 });
        const pooled = b.add(globalAveragePooling2d, "pool", [map], { keepdims: false });
        return [map, b.add(layerNormalization, "vector", [pooled], { epsilon: 1e-5 })];
      },
      2,
    ),
  ),
  trainingCaseOf(
    "gradient of a layer normalization",
    [2, 3, 11],
    (b) => {
      const x = inner(b);
      const y = b.add(layerNormalization, "norm", [x], { epsilon: 1e-3 });
      const dy = b.add(unary, "dy", [y], { function: "tanh" });
      return [y, b.add(normalizeRowsGrad, "dx", [dy, x, "norm/gamma"], { kind: "variance", epsilon: 1e-3 })];
    },
    3,
  ),
];

const logarithms: readonly Case[] = [
  ...[3, 12, 33].map((channels) =>
    caseOf(
      `logarithm of the softmax of ${channels}`,
      [5, 4, channels],
      (b) => b.add(logSoftmax, "y", [wide(b)], {}),
      3,
    ),
  ),
  ...[2, 7, 1000].map((classes) =>
    caseOf(
      `classifier of ${classes} with logarithms`,
      [3, 3, 9],
      (b) => b.add(logSoftmax, "y", [b.add(dense, "top", [vector(b)], units(classes))], {}),
      3,
    ),
  ),
  trainingCaseOf(
    "gradient of a logarithm of the softmax",
    [4, 3, 11],
    (b) => {
      const y = b.add(logSoftmax, "y", [inner(b)], {});
      return [y, b.add(logSoftmaxGrad, "dx", [b.input, y], {})];
    },
    2,
  ),
];

const concatenations: readonly Case[] = [
  [3, 5],
  [4, 8],
  [1, 33],
].flatMap(([a, b]) => [
  caseOf(
    `${a} and ${b} channels beside each other`,
    [5, 4, 3],
    (g) => {
      const x = inner(g);
      const parts = [a, b].map((size, i) => {
        const many = g.add(
          concatenate,
          `many${i}`,
          Array.from({ length: Math.ceil(size / 3) + 1 }, () => x),
          {},
        );
        return g.add(sliceChannels, `part${i}`, [many], { begin: 1, size });
      });
      return g.add(concatenate, "both", parts, {});
    },
    2,
  ),
  caseOf(`a head on ${a} and ${b} features`, [4, 4, 3], (g) => {
    const left = g.add(dense, "left", [vector(g)], units(a));
    const right = g.add(dense, "right", ["features"], units(b));
    return g.add(dense, "top", [g.add(concatenate, "both", [left, right, left], {})], units(5));
  }),
]);

const windows: readonly Omit<Pooling2dAttrs, "kind">[] = [
  { kernelSize: [2, 2], strides: [2, 2], padding: "valid" },
  { kernelSize: [3, 3], strides: [2, 2], padding: "same" },
  { kernelSize: [3, 2], strides: [1, 3], padding: "same" },
  { kernelSize: [3, 3], strides: [2, 2], padding: symmetric(1) },
  { kernelSize: [2, 3], strides: [3, 1], padding: "valid" },
];

const pools: readonly Case[] = (["average", "max"] as const).flatMap((kind) =>
  windows.flatMap((window, i) => [
    caseOf(
      `${kind} pooling ${i}`,
      [
        [7, 6, 3],
        [8, 5, 8],
        [5, 5, 1],
      ][i % 3],
      (b) =>
        b.add(pooling2d, "y", [b.add(rescaling, "below", [b.input], { scale: 1, offset: -3 })], { kind, ...window }),
      2,
    ),
    trainingCaseOf(
      `gradient of ${kind} pooling ${i}`,
      [
        [7, 6, 3],
        [8, 5, 8],
        [5, 5, 1],
      ][i % 3],
      (b) => {
        const x = inner(b);
        const y = b.add(pooling2d, "y", [x], { kind, ...window });
        const dy = b.add(unary, "dy", [y], { function: "tanh" });
        return b.add(pooling2dGrad, "dx", [x, y, dy], { kind, ...window });
      },
      2,
    ),
  ]),
);

const sizes: readonly Case[] = (["nearest", "bilinear"] as const).flatMap((interpolation) =>
  [
    [5, 9],
    [14, 3],
    [7, 6],
    [1, 1],
  ].flatMap(([height, width]) => [
    caseOf(
      `${interpolation} resize to ${height}x${width}`,
      [7, 6, 3],
      (b) => {
        return b.add(resize2d, "y", [b.input], { height, width, interpolation });
      },
      2,
    ),
    caseOf(`${interpolation} resize of a map to ${height}x${width}`, [6, 8, 5], (b) => {
      return b.add(resize2d, "y", [inner(b)], { height, width, interpolation });
    }),
    trainingCaseOf(
      `gradient of ${interpolation} resize to ${height}x${width}`,
      [7, 6, 5],
      (b) => {
        const x = inner(b);
        const attrs = { height, width, interpolation };
        const dy = b.add(unary, "dy", [b.add(resize2d, "y", [x], attrs)], { function: "tanh" });
        return b.add(resize2dGrad, "dx", [x, dy], attrs);
      },
      2,
    ),
  ]),
);

const crops: readonly Case[] = eachMap("crop of a picture", (b) => {
  const [, height, width] = b.shapeOf(b.input);
  const padding = { top: height > 2 ? 1 : 0, bottom: height > 3 ? 1 : 0, left: 0, right: width > 1 ? 1 : 0 };
  return [b.add(cropping2d, "picture", [b.input], { padding }), b.add(cropping2d, "map", [inner(b)], { padding })];
});

/** Ops that only models from files have, with their gradients. */
export const imported: readonly Case[] = [
  ...functions,
  ...rows,
  ...logarithms,
  ...concatenations,
  ...pools,
  ...sizes,
  ...crops,
];
