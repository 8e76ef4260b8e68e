// A small model of layers that none of our networks has: a front and a custom head.
import { GraphBuilder } from "../../packages/mobilenets/src/graph/builder.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { batchNormalization } from "../../packages/mobilenets/src/graph/ops/batch_normalization.ts";
import { concatenate } from "../../packages/mobilenets/src/graph/ops/concatenate.ts";
import { conv2d } from "../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { cropping2d } from "../../packages/mobilenets/src/graph/ops/cropping2d.ts";
import { dense } from "../../packages/mobilenets/src/graph/ops/dense.ts";
import { globalAveragePooling2d } from "../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { layerNormalization } from "../../packages/mobilenets/src/graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../packages/mobilenets/src/graph/ops/log_softmax.ts";
import { normalizeRows } from "../../packages/mobilenets/src/graph/ops/normalize_rows.ts";
import { pooling2d } from "../../packages/mobilenets/src/graph/ops/pooling2d.ts";
import { rescaling } from "../../packages/mobilenets/src/graph/ops/rescaling.ts";
import { type Resize2dAttrs, resize2d } from "../../packages/mobilenets/src/graph/ops/resize2d.ts";
import { sliceChannels } from "../../packages/mobilenets/src/graph/ops/slice_channels.ts";
import { unary } from "../../packages/mobilenets/src/graph/ops/unary.ts";
import type { UnaryFunction } from "../../packages/mobilenets/src/graph/unary-functions.ts";
import { conv, units } from "./graph-of.ts";
import { randomProgram } from "./random-program.ts";

export interface Around {
  /** Functions between the dense layers of the head. */
  readonly functions: readonly UnaryFunction[];
  readonly resize?: Resize2dAttrs;
  /** Whether the head ends in features of length 1. */
  readonly unit?: boolean;
  /** Whether the head ends in logarithms of probabilities. */
  readonly logarithms?: boolean;
  /** Whether half of the features are left out. */
  readonly halved?: boolean;
}

export function around({ functions, resize, unit = false, logarithms = false, halved = false }: Around): Program {
  const b = new GraphBuilder("around", [18, 20, 3]);
  let x = b.add(rescaling, "front", [b.input], { scale: 0.5, offset: 0.1 });
  if (resize) x = b.add(resize2d, "up", [x], resize);
  x = b.add(cropping2d, "middle", [x], { padding: { top: 1, bottom: 2, left: 3, right: 0 } });
  const window = { kernelSize: [3, 3], strides: [2, 2], padding: "same" } as const;
  x = b.add(conv2d, "stem", [x], conv(6, { ...window, useBias: true, activation: "relu6" }));
  const pools = (["average", "max"] as const).map((kind) => b.add(pooling2d, kind, [x], { ...window, kind }));
  x = b.add(concatenate, "both", pools, {});
  x = b.add(layerNormalization, "map_norm", [x], { epsilon: 1e-3 });
  x = b.add(globalAveragePooling2d, "pool", [x], { keepdims: false });
  if (halved) x = b.add(sliceChannels, "half", [x], { begin: 2, size: 6 });
  x = b.add(batchNormalization, "norm", [x], { epsilon: 1e-3, momentum: 0.99 });
  for (const name of functions) {
    x = b.add(dense, `${name}_in`, [x], units(8, { useBias: true }));
    const alpha = /^(elu|leaky_relu|hard_shrink|squareplus)$/.test(name) ? { alpha: 0.3 } : {};
    // A logarithm of negative numbers would be NaN.
    if (name === "log") x = b.add(unary, "log_of", [x], { function: "exponential" });
    x = b.add(unary, name, [x], { function: name, ...alpha });
  }
  x = b.add(normalizeRows, "centred", [x], { kind: "variance", epsilon: 1e-3 });
  const activation = unit || logarithms ? "linear" : "softmax";
  x = b.add(dense, "top", [x], units(3, { useBias: true, activation }));
  if (logarithms) x = b.add(logSoftmax, "logarithms", [x], {});
  if (unit) x = b.add(normalizeRows, "unit", [x], { kind: "length", epsilon: 1e-12 });
  return randomProgram(b.build(x), 3);
}

/** Layers that TFLite's operators can express. */
export const forTflite: Around = {
  functions: ["silu", "gelu", "gelu_tanh", "elu", "selu", "tanh", "leaky_relu", "exponential", "log"],
  resize: { height: 24, width: 22, interpolation: "bilinear" },
  unit: true,
};

/** Layers that TensorFlow.js can express. */
export const forTfjs: Around = {
  functions: [
    ...(["silu", "gelu", "gelu_tanh", "elu", "selu", "tanh", "leaky_relu", "mish", "softplus", "softsign"] as const),
    "hard_shrink",
  ],
  resize: { height: 36, width: 60, interpolation: "nearest" },
  halved: true,
  logarithms: true,
};
