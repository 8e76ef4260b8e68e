import { activationNames } from "../../../packages/mobilenets/src/graph/activations.ts";
import type { GraphBuilder } from "../../../packages/mobilenets/src/graph/builder.ts";
import { activation } from "../../../packages/mobilenets/src/graph/ops/activation.ts";
import { add } from "../../../packages/mobilenets/src/graph/ops/add.ts";
import { batchNormalization } from "../../../packages/mobilenets/src/graph/ops/batch_normalization.ts";
import { conv2d } from "../../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { dense } from "../../../packages/mobilenets/src/graph/ops/dense.ts";
import { depthwiseConv2d } from "../../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { dropout } from "../../../packages/mobilenets/src/graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { multiply } from "../../../packages/mobilenets/src/graph/ops/multiply.ts";
import { reshape } from "../../../packages/mobilenets/src/graph/ops/reshape.ts";
import { zeroPadding2d } from "../../../packages/mobilenets/src/graph/ops/zero_padding2d.ts";
import { fuseResidual } from "../../../packages/mobilenets/src/passes/fuse-residual.ts";
import { batchNorm, conv, depthwise, graphOf, units } from "../../support/graph-of.ts";
import { type Case, caseOf, inner } from "../case.ts";

/** A convolution whose result the graph goes on with. */
const first = (b: GraphBuilder, filters: number) => b.add(conv2d, "first", [b.input], conv(filters, { useBias: true }));
const window = (b: GraphBuilder, name: string, x: string, k: number, stride = 1) =>
  b.add(
    depthwiseConv2d,
    name,
    [x],
    depthwise({ kernelSize: [k, k], strides: [stride, stride], useBias: true, activation: "relu" }),
  );

/** A value with several readers, or read by the caller too: nothing may be merged into it or laid out for one alone. */
const sharedValues: readonly Case[] = [
  caseOf("a value read by a window and an addition", [5, 7, 3], (b) => {
    const x = first(b, 7);
    return b.add(add, "y", [window(b, "w", x, 3), x], {});
  }),
  caseOf("a value read by two windows of different size", [6, 7, 3], (b) => {
    const x = first(b, 12);
    return [window(b, "w3", x, 3), window(b, "w5", x, 5, 2)];
  }),
  caseOf("a value read by windows of different padding", [6, 7, 3], (b) => {
    const x = first(b, 8);
    const shifted = { kernelSize: [3, 3], padding: { top: 2, bottom: 0, left: 0, right: 3 } } as const;
    return [
      b.add(conv2d, "same", [x], conv(4, { kernelSize: [5, 5], padding: "same" })),
      b.add(conv2d, "valid", [x], conv(5, { kernelSize: [2, 2], strides: [2, 1] })),
      b.add(depthwiseConv2d, "shifted", [x], depthwise(shifted)),
    ];
  }),
  caseOf(
    "a value read by a window and by the caller",
    [5, 5, 3],
    (b) => {
      const x = first(b, 6);
      return [x, window(b, "w", x, 3)];
    },
    3,
  ),
  caseOf("a value read by a window that the picture's window does not cover", [5, 5, 3], (b) => {
    const x = b.add(conv2d, "x", [b.input], conv(3, { kernelSize: [3, 3], padding: "same" }));
    return [window(b, "w", b.input, 3), b.add(add, "y", [x, b.input], {})];
  }),
  caseOf("a window whose own input is its residual", [4, 5, 3], (b) => {
    const x = first(b, 9);
    const y = b.add(conv2d, "conv", [x], conv(9, { kernelSize: [3, 3], padding: "same", useBias: true }));
    return b.add(add, "y", [x, y], {});
  }),
  caseOf("batch norm, activation and input of each asked for", [4, 4, 3], (b) => {
    const x = first(b, 6);
    const norm = b.add(batchNormalization, "norm", [x], batchNorm);
    return [x, norm, b.add(activation, "relu", [norm], { activation: "relu6" })];
  }),
  caseOf("batch norm of a value that another layer reads", [4, 4, 3], (b) => {
    const x = first(b, 6);
    return b.add(add, "y", [b.add(batchNormalization, "norm", [x], batchNorm), x], {});
  }),
  caseOf("padding that two convolutions read", [4, 4, 3], (b) => {
    const pad = b.add(zeroPadding2d, "pad", [first(b, 5)], { padding: { top: 1, bottom: 1, left: 0, right: 1 } });
    return [
      b.add(conv2d, "conv", [pad], conv(4, { kernelSize: [3, 2] })),
      b.add(depthwiseConv2d, "dw", [pad], depthwise({ padding: "valid", strides: [2, 2] })),
    ];
  }),
  caseOf("one output asked for twice, beside the picture", [3, 3, 3], (b) => [inner(b), "inner", b.input], 3),
  caseOf("the picture itself through dropout", [3, 3, 3], (b) => b.add(dropout, "y", [b.input], { rate: 0.5 })),
  caseOf("a flattened map asked for as both", [3, 3, 8], (b) => [
    inner(b),
    b.add(reshape, "flat", ["inner"], { target: [-1] }),
  ]),
];

/** What a pass merges, and what looks like it but must stay apart. */
const sequences: readonly Case[] = [
  ...activationNames.flatMap((name) => [
    caseOf(`conv2d, batch norm, ${name}`, [5, 5, 3], (b) => {
      const x = b.add(conv2d, "x", [b.input], conv(7, { kernelSize: [3, 3], padding: "same", useBias: true }));
      return b.add(activation, "y", [b.add(batchNormalization, "norm", [x], batchNorm)], { activation: name });
    }),
    caseOf(`depthwise_conv2d x2, batch norm, ${name}`, [5, 5, 3], (b) => {
      const x = b.add(depthwiseConv2d, "x", [b.input], depthwise({ depthMultiplier: 2 }));
      return b.add(activation, "y", [b.add(batchNormalization, "norm", [x], batchNorm)], { activation: name });
    }),
    caseOf(`conv2d, add, ${name}`, [3, 5, 7], (b) => {
      const x = first(b, 7);
      const y = b.add(conv2d, "conv", [x], conv(7, { useBias: true }));
      return b.add(activation, "y", [b.add(add, "sum", [y, x], {})], { activation: name });
    }),
  ]),
  caseOf(
    "dense, batch norm, relu",
    [1, 1, 9],
    (b) => {
      const flat = b.add(reshape, "flat", [b.input], { target: [-1] });
      const norm = b.add(batchNormalization, "norm", [b.add(dense, "dense", [flat], units(6))], batchNorm);
      return b.add(activation, "y", [norm], { activation: "relu" });
    },
    3,
  ),
  caseOf("batch norm after an activation, before a padded window", [5, 5, 3], (b) => {
    const x = b.add(activation, "relu", [first(b, 6)], { activation: "relu" });
    return window(b, "y", b.add(batchNormalization, "norm", [x], batchNorm), 3);
  }),
  caseOf("batch norm twice after a convolution", [3, 3, 3], (b) => {
    const once = b.add(batchNormalization, "once", [first(b, 5)], batchNorm);
    return b.add(batchNormalization, "twice", [once], batchNorm);
  }),
  caseOf("batch norm of a picture of one channel", [4, 5, 1], (b) =>
    b.add(conv2d, "y", [b.add(batchNormalization, "norm", [b.input], batchNorm)], conv(3, { kernelSize: [3, 3] })),
  ),
  caseOf("padding before a convolution that pads by itself", [5, 5, 3], (b) => {
    const pad = b.add(zeroPadding2d, "pad", [b.input], { padding: { top: 1, bottom: 0, left: 2, right: 0 } });
    return b.add(conv2d, "y", [pad], conv(4, { kernelSize: [3, 3], strides: [2, 2], padding: "same" }));
  }),
  caseOf("two paddings before a convolution", [5, 5, 3], (b) => {
    const once = b.add(zeroPadding2d, "once", [b.input], { padding: { top: 1, bottom: 0, left: 2, right: 0 } });
    const twice = b.add(zeroPadding2d, "twice", [once], { padding: { top: 0, bottom: 1, left: 0, right: 1 } });
    const explicit = { top: 1, bottom: 1, left: 1, right: 1 };
    return b.add(conv2d, "y", [twice], conv(4, { kernelSize: [3, 3], strides: [2, 2], padding: explicit }));
  }),
  caseOf("sums of sums of convolutions", [3, 4, 5], (b) => {
    const x = first(b, 5);
    const left = b.add(conv2d, "left", [x], conv(5));
    const right = b.add(conv2d, "right", [x], conv(5, { useBias: true }));
    const sum = b.add(add, "sum", [left, right], {});
    const more = b.add(conv2d, "more", [sum], conv(5, { kernelSize: [3, 3], padding: "same" }));
    return b.add(add, "y", [b.add(add, "again", [sum, more], {}), x], {});
  }),
  caseOf("a convolution of the picture plus the picture", [5, 4, 3], (b) =>
    b.add(add, "y", [b.input, b.add(conv2d, "conv", [b.input], conv(3, { kernelSize: [3, 3], padding: "same" }))], {}),
  ),
  caseOf("a dead end", [3, 3, 3], (b) => {
    first(b, 5);
    return inner(b);
  }),
  caseOf(
    "squeeze and excite",
    [5, 6, 3],
    (b) => {
      const x = window(b, "x", first(b, 10), 5);
      const pooled = b.add(globalAveragePooling2d, "pool", [x], { keepdims: true });
      const squeezed = b.add(conv2d, "squeeze", [pooled], conv(3, { useBias: true, activation: "relu" }));
      const gate = b.add(conv2d, "excite", [squeezed], conv(10, { useBias: true, activation: "hard_sigmoid" }));
      return b.add(conv2d, "y", [b.add(multiply, "scaled", [x, gate], {})], conv(6));
    },
    3,
  ),
  caseOf("squeeze and excite through dense layers", [5, 6, 3], (b) => {
    const x = first(b, 10);
    const pooled = b.add(globalAveragePooling2d, "pool", [x], { keepdims: false });
    const squeezed = b.add(dense, "squeeze", [pooled], units(3, { activation: "relu6" }));
    const gate = b.add(dense, "excite", [squeezed], units(10, { activation: "sigmoid" }));
    return b.add(multiply, "y", [x, b.add(reshape, "gate", [gate], { target: [1, 1, 10] })], {});
  }),
];

/** Residuals already in the graph, as a pass or a file of optimised graphs may bring them. */
const residuals: readonly Case[] = activationNames.flatMap((name) =>
  [1, 3].map((k) => {
    const graph = graphOf([5, 3, 3], (b) => {
      const x = b.add(activation, "x", [b.add(conv2d, "start", [b.input], conv(10))], { activation: "relu" });
      const y = b.add(conv2d, "conv", [x], conv(10, { kernelSize: [k, k], padding: "same", useBias: true }));
      return b.add(add, "sum", [y, x], {});
    });
    const fused = fuseResidual({ graph, weights: {} }).graph;
    const nodes = fused.nodes.map((node) =>
      node.name === "conv" ? { ...node, attrs: { ...node.attrs, activation: name } } : node,
    );
    return { name: `${k}x${k} convolution with a residual and ${name} inside`, graph: { ...fused, nodes }, batch: 1 };
  }),
);

export const neighbours: readonly Case[] = [...sharedValues, ...sequences, ...residuals];
