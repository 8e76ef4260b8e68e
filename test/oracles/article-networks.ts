// The three networks of the article, rebuilt with TensorFlow.js layers line by line as the article writes them, and
// not from this package's tables: an outside oracle.
import * as tf from "@tensorflow/tfjs";
import { HardSwish } from "./hard-swish.ts";

type Value = tf.SymbolicTensor;
/** The article ends in a softmax; without it, the logits can be compared. */
type Top = "softmax" | "linear";
type Size = readonly [height: number, width: number, channels: number];

const apply = (layer: tf.layers.Layer, x: Value | Value[]) => layer.apply(x) as Value;

/** Keras names a layer without a name by its class and a running number: `conv2d`, `conv2d_1`, ... */
function automaticNames(): (prefix: string) => string {
  const counts = new Map<string, number>();
  return (prefix) => {
    const count = counts.get(prefix) ?? 0;
    counts.set(prefix, count + 1);
    return count === 0 ? prefix : `${prefix}_${count}`;
  };
}

const classes = 1000;

const relu6 = (x: Value, name: string) => apply(tf.layers.activation({ activation: "relu6", name }), x);

export function articleV1(inputShape: Size, top: Top = "softmax"): tf.LayersModel {
  const depthMultiplier = 1;
  // Keras' defaults, which are TensorFlow.js' too; written out, as they matter.
  const norm = (x: Value, name: string) =>
    apply(tf.layers.batchNormalization({ epsilon: 1e-3, momentum: 0.99, name }), x);

  function convBlock(x: Value, filters: number, strides: number): Value {
    x = apply(tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, strides, name: "conv1" }), x);
    return relu6(norm(x, "conv1_bn"), "conv1_relu");
  }

  function depthwiseConvBlock(x: Value, filters: number, strides: number, id: number): Value {
    x = apply(
      tf.layers.depthwiseConv2d({
        kernelSize: [3, 3],
        padding: "same",
        depthMultiplier,
        strides,
        useBias: false,
        name: `conv_dw_${id}`,
      }),
      x,
    );
    x = relu6(norm(x, `conv_dw_${id}_bn`), `conv_dw_${id}_relu`);
    x = apply(
      tf.layers.conv2d({
        filters,
        kernelSize: 1,
        padding: "same",
        useBias: false,
        strides: 1,
        name: `conv_pw_${id}`,
      }),
      x,
    );
    return relu6(norm(x, `conv_pw_${id}_bn`), `conv_pw_${id}_relu`);
  }

  const input = tf.input({ shape: [...inputShape] });
  let x = convBlock(input, 32, 2);
  x = depthwiseConvBlock(x, 64, 1, 1);
  x = depthwiseConvBlock(x, 128, 2, 2);
  x = depthwiseConvBlock(x, 128, 1, 3);
  x = depthwiseConvBlock(x, 256, 2, 4);
  x = depthwiseConvBlock(x, 256, 1, 5);
  x = depthwiseConvBlock(x, 512, 2, 6);
  x = depthwiseConvBlock(x, 512, 1, 7);
  x = depthwiseConvBlock(x, 512, 1, 8);
  x = depthwiseConvBlock(x, 512, 1, 9);
  x = depthwiseConvBlock(x, 512, 1, 10);
  x = depthwiseConvBlock(x, 512, 1, 11);
  x = depthwiseConvBlock(x, 1024, 2, 12);
  x = depthwiseConvBlock(x, 1024, 1, 13);
  x = apply(tf.layers.globalAveragePooling2d({ name: "global_average_pooling2d" }), x);
  x = apply(tf.layers.reshape({ targetShape: [1, 1, 1024], name: "reshape_1" }), x);
  x = apply(tf.layers.dropout({ rate: 1e-3, name: "dropout" }), x);
  x = apply(tf.layers.conv2d({ filters: classes, kernelSize: [1, 1], padding: "same", name: "conv_preds" }), x);
  x = apply(tf.layers.activation({ activation: top, name: "act_softmax" }), x);
  x = apply(tf.layers.reshape({ targetShape: [classes], name: "reshape_2" }), x);
  return tf.model({ inputs: input, outputs: x });
}

export function articleV2(inputShape: Size, top: Top = "softmax"): tf.LayersModel {
  const norm = (x: Value, name: string) =>
    apply(tf.layers.batchNormalization({ epsilon: 1e-3, momentum: 0.999, name }), x);
  const pad = (x: Value, name: string) => apply(tf.layers.zeroPadding2d({ padding: [1, 1], name }), x);

  function invertedResidual(inputs: Value, filters: number, stride: number, expansion: number, id: number): Value {
    const inChannels = inputs.shape[3] as number;
    const prefix = id ? `block_${id}_` : "expanded_conv_";
    let x = inputs;
    if (id) {
      x = apply(
        tf.layers.conv2d({
          filters: expansion * inChannels,
          kernelSize: 1,
          padding: "same",
          useBias: false,
          name: `${prefix}expand`,
        }),
        x,
      );
      x = relu6(norm(x, `${prefix}expand_BN`), `${prefix}expand_relu`);
    }
    if (stride === 2) x = pad(x, `${prefix}pad`);
    x = apply(
      tf.layers.depthwiseConv2d({
        kernelSize: 3,
        strides: stride,
        useBias: false,
        padding: stride === 1 ? "same" : "valid",
        name: `${prefix}depthwise`,
      }),
      x,
    );
    x = relu6(norm(x, `${prefix}depthwise_BN`), `${prefix}depthwise_relu`);
    x = apply(
      tf.layers.conv2d({ filters, kernelSize: 1, padding: "same", useBias: false, name: `${prefix}project` }),
      x,
    );
    x = norm(x, `${prefix}project_BN`);
    if (inChannels === filters && stride === 1) return apply(tf.layers.add({ name: `${prefix}add` }), [inputs, x]);
    return x;
  }

  const input = tf.input({ shape: [...inputShape] });
  let x = pad(input, "Conv1_pad");
  x = apply(
    tf.layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, padding: "valid", useBias: false, name: "Conv1" }),
    x,
  );
  x = relu6(norm(x, "bn_Conv1"), "Conv1_relu");
  x = invertedResidual(x, 16, 1, 1, 0);
  x = invertedResidual(x, 24, 2, 6, 1);
  x = invertedResidual(x, 24, 1, 6, 2);
  x = invertedResidual(x, 32, 2, 6, 3);
  x = invertedResidual(x, 32, 1, 6, 4);
  x = invertedResidual(x, 32, 1, 6, 5);
  x = invertedResidual(x, 64, 2, 6, 6);
  x = invertedResidual(x, 64, 1, 6, 7);
  x = invertedResidual(x, 64, 1, 6, 8);
  x = invertedResidual(x, 64, 1, 6, 9);
  x = invertedResidual(x, 96, 1, 6, 10);
  x = invertedResidual(x, 96, 1, 6, 11);
  x = invertedResidual(x, 96, 1, 6, 12);
  x = invertedResidual(x, 160, 2, 6, 13);
  x = invertedResidual(x, 160, 1, 6, 14);
  x = invertedResidual(x, 160, 1, 6, 15);
  x = invertedResidual(x, 320, 1, 6, 16);
  x = apply(tf.layers.conv2d({ filters: 1280, kernelSize: 1, useBias: false, name: "Conv_1" }), x);
  x = relu6(norm(x, "Conv_1_bn"), "out_relu");
  x = apply(tf.layers.globalAveragePooling2d({ name: "global_average_pooling2d" }), x);
  x = apply(tf.layers.dense({ units: classes, activation: top, useBias: true, name: "Logits" }), x);
  return tf.model({ inputs: input, outputs: x });
}

export function articleV3Small(inputShape: Size, top: Top = "softmax"): tf.LayersModel {
  type Nonlinearity = "HS" | "RE";
  const name = automaticNames();

  function returnActivation(x: Value, nl: Nonlinearity): Value {
    if (nl === "HS") return apply(new HardSwish({ name: name("activation") }), x);
    return relu6(x, name("activation"));
  }

  function conv(x: Value, filters: number, kernel: number, strides = 1, activation?: Top): Value {
    const config = { filters, kernelSize: kernel, padding: "same", strides, name: name("conv2d") } as const;
    return apply(tf.layers.conv2d(activation ? { ...config, activation } : config), x);
  }

  const norm = (x: Value) =>
    apply(
      tf.layers.batchNormalization({ axis: -1, epsilon: 1e-3, momentum: 0.99, name: name("batch_normalization") }),
      x,
    );

  const average = (x: Value) => apply(tf.layers.globalAveragePooling2d({ name: name("global_average_pooling2d") }), x);

  const reshape = (x: Value, targetShape: number[]) =>
    apply(tf.layers.reshape({ targetShape, name: name("reshape") }), x);

  function convBlock(x: Value, filters: number, kernel: number, strides: number, nl: Nonlinearity): Value {
    return returnActivation(norm(conv(x, filters, kernel, strides)), nl);
  }

  function squeeze(inputs: Value): Value {
    const inputChannels = inputs.shape[3] as number;
    let x = average(inputs);
    x = apply(tf.layers.dense({ units: Math.floor(inputChannels / 4), name: name("dense") }), x);
    x = relu6(x, name("activation"));
    x = apply(tf.layers.dense({ units: inputChannels, name: name("dense") }), x);
    x = apply(new HardSwish({ name: name("activation") }), x);
    x = reshape(x, [1, 1, inputChannels]);
    return apply(tf.layers.multiply({ name: name("multiply") }), [inputs, x]);
  }

  function bottleneck(
    inputs: Value,
    filters: number,
    kernel: number,
    upDim: number,
    stride: number,
    sq: boolean,
    nl: Nonlinearity,
  ): Value {
    const r = stride === 1 && inputs.shape[3] === filters;
    let x = convBlock(inputs, upDim, 1, 1, nl);
    x = apply(
      tf.layers.depthwiseConv2d({
        kernelSize: kernel,
        strides: [stride, stride],
        depthMultiplier: 1,
        padding: "same",
        name: name("depthwise_conv2d"),
      }),
      x,
    );
    x = returnActivation(norm(x), nl);
    if (sq) x = squeeze(x);
    x = norm(conv(x, filters, 1));
    if (r) x = apply(tf.layers.add({ name: name("add") }), [x, inputs]);
    return x;
  }

  const input = tf.input({ shape: [...inputShape] });
  let x = convBlock(input, 16, 3, 2, "HS");
  x = bottleneck(x, 16, 3, 16, 2, true, "RE");
  x = bottleneck(x, 24, 3, 72, 2, false, "RE");
  x = bottleneck(x, 24, 3, 88, 1, false, "RE");
  x = bottleneck(x, 40, 5, 96, 2, true, "HS");
  x = bottleneck(x, 40, 5, 240, 1, true, "HS");
  x = bottleneck(x, 40, 5, 240, 1, true, "HS");
  x = bottleneck(x, 48, 5, 120, 1, true, "HS");
  x = bottleneck(x, 48, 5, 144, 1, true, "HS");
  x = bottleneck(x, 96, 5, 288, 2, true, "HS");
  x = bottleneck(x, 96, 5, 576, 1, true, "HS");
  x = bottleneck(x, 96, 5, 576, 1, true, "HS");
  x = convBlock(x, 576, 1, 1, "HS");
  x = average(x);
  x = reshape(x, [1, 1, 576]);
  x = conv(x, 1024, 1);
  x = returnActivation(x, "HS");
  x = conv(x, classes, 1, 1, top);
  x = reshape(x, [classes]);
  return tf.model({ inputs: input, outputs: x });
}
