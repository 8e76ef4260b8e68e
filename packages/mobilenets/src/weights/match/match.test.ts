import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { type Shape, sizeOf, type Tensor, type TensorData } from "../../tensor.ts";
import { matchWeights } from "./match.ts";

type Tensors = Record<string, Tensor<TensorData>>;

/** Parameters of a small MobileNetV1. */
function shapes({ alpha = 1, classes = 10, channels = 3, depthMultiplier = 1 } = {}): Record<string, Shape> {
  const c = (width: number) => Math.floor(width * alpha);
  return {
    "conv1/kernel": [3, 3, channels, c(32)],
    "conv1_bn/gamma": [c(32)],
    "conv_dw_1/depthwise_kernel": [3, 3, c(32), depthMultiplier],
    "conv_pw_1/kernel": [1, 1, c(32) * depthMultiplier, c(64)],
    "conv_pw_1_bn/gamma": [c(64)],
    "conv_dw_2/depthwise_kernel": [3, 3, c(64), depthMultiplier],
    "conv_pw_2/kernel": [1, 1, c(64) * depthMultiplier, c(128)],
    "predictions/kernel": [c(128), classes],
    "predictions/bias": [classes],
  };
}

function graph(params: Record<string, Shape> = shapes()): Graph {
  return {
    name: "mobilenet_v1",
    input: { name: "input", shape: [1, 32, 32, 3] },
    params: Object.fromEntries(
      Object.entries(params).map(([name, shape]) => [name, { shape, trainable: true, init: "zeros" }]),
    ),
    nodes: [],
    outputs: [],
  };
}

function tensors(params: Record<string, Shape> = shapes()): Tensors {
  return Object.fromEntries(
    Object.entries(params).map(([name, shape]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  );
}

function without(all: Tensors, ...names: string[]): Tensors {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
}

const withAlpha = (alpha: number) => graph(shapes({ alpha }));
const refuses = (network: Graph, file: Tensors, message: string, variant?: (alpha: number) => Graph) =>
  assert.throws(
    () => matchWeights(network, file, "x.safetensors", variant),
    (error) => {
      assert.ok(error instanceof WeightsError, String(error));
      assert.equal(error.message, `x.safetensors: ${message}`);
      return true;
    },
  );

test("tensors that fit become the weights, in the order of the parameters, uncopied", () => {
  const file = Object.fromEntries(Object.entries(tensors()).reverse());
  const weights = matchWeights(graph(), file, "x");
  assert.deepEqual(Object.keys(weights), Object.keys(shapes()));
  for (const name of Object.keys(weights)) assert.equal(weights[name].data, file[name].data);
});

test("a file of another alpha is recognised", () => {
  const file = tensors(shapes({ alpha: 1 }));
  const dw = { "conv_dw_1/depthwise_kernel": [3, 3, 16, 1] };
  const rest =
    "(likewise: conv1_bn/gamma, conv_dw_1/depthwise_kernel, conv_pw_1/kernel, conv_pw_1_bn/gamma, conv_dw_2/depthwise_kernel and 2 more)";
  const found = "conv1: kernel has shape [3,3,3,32], expected [3,3,3,16]";
  refuses(withAlpha(0.5), file, `${found}: was this file saved with alpha 1.0? ${rest}`, withAlpha);
  refuses(
    withAlpha(0.5),
    file,
    `${found}: its layers are about 2.00 times as wide: was this file saved with another alpha? ${rest}`,
  );
  refuses(
    graph({ ...shapes(), ...dw }),
    file,
    "conv_dw_1: depthwise_kernel has shape [3,3,32,1], expected [3,3,16,1]: was this file saved with alpha 1.0?",
    withAlpha,
  );
  // An unpublished alpha and another number of classes.
  assert.throws(
    () => matchWeights(graph(), tensors(shapes({ alpha: 0.625, classes: 5 })), "x", withAlpha),
    /: its layers are about 0\.6[23] times as wide: was this file saved with another alpha\? \(/,
  );
  assert.throws(
    () => matchWeights(graph(), tensors(shapes({ alpha: 0.35, classes: 5 })), "x", withAlpha),
    /: was this file saved with alpha 0\.35\? \(/,
  );
});

test("a file of other classes, input channels or depth multiplier is recognised", () => {
  refuses(
    graph(),
    tensors(shapes({ classes: 1001 })),
    "predictions: kernel has shape [128,1001], expected [128,10]: was this file saved with classes 1001? (likewise: predictions/bias)",
  );
  refuses(
    graph(),
    tensors(shapes({ channels: 1 })),
    "conv1: kernel has shape [3,3,1,32], expected [3,3,3,32]: was this file saved with inputShape [h,w,1]?",
  );
  refuses(
    graph(),
    tensors(shapes({ depthMultiplier: 2 })),
    "conv_dw_1: depthwise_kernel has shape [3,3,32,2], expected [3,3,32,1]: was this file saved with depthMultiplier 2? " +
      "(likewise: conv_pw_1/kernel, conv_dw_2/depthwise_kernel, conv_pw_2/kernel)",
  );
});

test("another window or rank is another network", () => {
  for (const shape of [[5, 5, 32, 1], [3, 3, 32], []]) {
    refuses(
      graph(),
      tensors({ ...shapes(), "conv_dw_1/depthwise_kernel": shape }),
      `conv_dw_1: depthwise_kernel has shape [${shape}], expected [3,3,32,1]: is this a file of another network or flavor?`,
      withAlpha,
    );
  }
});

test("missing tensors are named, five at most", () => {
  refuses(
    graph(),
    without(tensors(), "conv1_bn/gamma"),
    "1 of the 9 tensors of mobilenet_v1 are missing: conv1_bn/gamma: is this a file of another network or flavor?",
  );
  refuses(
    graph(),
    without(tensors(), "predictions/kernel", "predictions/bias"),
    "2 of the 9 tensors of mobilenet_v1 are missing: predictions/kernel, predictions/bias: was this file saved with includeTop false?",
  );
  refuses(
    graph(),
    without(tensors(), ...Object.keys(shapes()).slice(1)),
    "8 of the 9 tensors of mobilenet_v1 are missing: conv1_bn/gamma, conv_dw_1/depthwise_kernel, conv_pw_1/kernel, " +
      "conv_pw_1_bn/gamma, conv_dw_2/depthwise_kernel and 3 more: is this a file of another network or flavor?",
  );
  refuses(
    graph(),
    { ...without(tensors(), "conv1_bn/gamma"), "conv1_bn/scale": tensors()["conv1_bn/gamma"] },
    '1 of the 9 tensors of mobilenet_v1 are missing: conv1_bn/gamma: there are others instead ("conv1_bn/scale"): ' +
      "is this a file of another network or flavor?",
  );
});

test("a file with nothing of the network is another network's", () => {
  const names =
    "expected the 9 of mobilenet_v1: conv1/kernel, conv1_bn/gamma, conv_dw_1/depthwise_kernel, conv_pw_1/kernel, conv_pw_1_bn/gamma and 4 more";
  refuses(graph(), {}, `no tensors, ${names}: is this a file of another network?`);
  refuses(
    graph(),
    tensors({ "Conv1/kernel\u001b": [1] }),
    `1 tensor, none of this network: "Conv1/kernel\\u001b", ${names}: is this a file of another network?`,
  );
});

test("surplus tensors are named, five at most", () => {
  const surplus = Object.fromEntries("abcdefg".split("").map((name) => [`${name}/kernel`, [1]]));
  refuses(
    graph(),
    tensors({ ...shapes(), ...surplus }),
    '7 tensors that mobilenet_v1 does not have: "a/kernel", "b/kernel", "c/kernel", "d/kernel", "e/kernel" and 2 more: ' +
      "was this file saved with includeTop true, or from a network with other options?",
  );
  // Names that every object inherits are surplus too.
  assert.throws(
    () => matchWeights(graph(), tensors({ ...shapes(), toString: [1] }), "x"),
    /1 tensor that .* "toString"/,
  );
});

test("only float32 is a weight", () => {
  const int8: Tensor<TensorData> = { shape: [32], data: new Int8Array(32) };
  refuses(
    graph(),
    { ...tensors(), "conv1_bn/gamma": int8 },
    "conv1_bn: gamma has dtype int8, expected float32: is this a quantised file?",
  );
  refuses(
    graph(),
    { ...tensors(), "conv1_bn/gamma": { shape: [32], data: new Float64Array(32) }, "conv1/kernel": int8 },
    "conv1: kernel has dtype int8, expected float32: is this a quantised file? (likewise: conv1_bn/gamma)",
  );
  assert.throws(
    () => matchWeights(graph(), { ...tensors(), "predictions/bias": { shape: [10], data: new Float64Array(10) } }, "x"),
    /predictions: bias has dtype float64, expected float32: convert it first/,
  );
});
