import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { reference } from "../../engines/reference.ts";
import { GraphError, WeightsError } from "../../errors.ts";
import { checkGraph } from "../../graph/check.ts";
import { importedOps } from "../../graph/imported-ops.ts";
import { random } from "../../random.ts";
import { tensor } from "../../tensor.ts";
import { matchWeights } from "../match/match.ts";
import { readTfjs } from "../tfjs/read.ts";
import { graphOfKerasConfig, programOfKerasConfig } from "./config.ts";

tf.enableProdMode();

/** Reads a model that TensorFlow.js saves. */
async function readSaved(model: tf.LayersModel) {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const json = {
    format: artifacts.format,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: ["shard"], weights: artifacts.weightSpecs }],
  };
  const shard = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
  return readTfjs(new TextEncoder().encode(JSON.stringify(json)), "model.json", async () => shard);
}

/** Randomises all weights; variances stay positive. */
function randomise(model: tf.LayersModel): void {
  const next = random(1);
  for (const layer of model.layers) {
    layer.setWeights(
      layer.getWeights().map((weight, i) => {
        const low = layer.getClassName() === "BatchNormalization" && i === 3 ? 0.5 : -0.5;
        return tf.tensor(
          Array.from({ length: weight.size }, () => low + next()),
          weight.shape,
        );
      }),
    );
  }
}

async function assertSameAsTfjs(model: tf.LayersModel): Promise<void> {
  randomise(model);
  const { tensors, graph } = await readSaved(model);
  assert.ok(graph);
  checkGraph(graph, importedOps);
  const next = random(2);
  const shape = [2, ...(model.inputs[0].shape.slice(1) as number[])];
  const input = tensor(shape, Array.from({ length: shape.reduce((a, b) => a * b) }, next));
  const executable = await reference.compile({ graph, weights: matchWeights(graph, tensors, "model.json") });
  const [output] = await executable.run(input);
  const expected = model.predict(tf.tensor(input.data, shape)) as tf.Tensor;
  assert.deepEqual(output.shape, expected.shape);
  const values = [...expected.dataSync()];
  const largest = Math.max(...values.map(Math.abs));
  assert.ok(largest > 0.01, `a result of ${largest} proves nothing`);
  output.data.forEach((value, i) => {
    assert.ok(Math.abs(value - values[i]) <= 1e-5 * largest, `[${i}] is ${value}, expected ${values[i]}`);
  });
}

test("a functional model with every layer class TensorFlow.js has computes what TensorFlow.js computes", async () => {
  const input = tf.input({ shape: [9, 8, 3], name: "picture" });
  let x = tf.layers.rescaling({ scale: 2, offset: -1 }).apply(input) as tf.SymbolicTensor;
  const then = (layer: { apply(x: tf.SymbolicTensor): unknown }) => {
    x = layer.apply(x) as tf.SymbolicTensor;
    return x;
  };
  then(
    tf.layers.zeroPadding2d({
      padding: [
        [0, 1],
        [2, 3],
      ],
    }),
  );
  then(tf.layers.conv2d({ filters: 5, kernelSize: [3, 2], strides: [2, 1], padding: "same", activation: "relu6" }));
  then(tf.layers.batchNormalization({ epsilon: 0.01 }));
  then(tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: "valid", useBias: false }));
  then(tf.layers.reLU({ maxValue: 6 }));
  const trunk = then(tf.layers.conv2d({ filters: 4, kernelSize: 1, useBias: false }));
  const pooled = then(tf.layers.globalAveragePooling2d({}));
  then(tf.layers.dense({ units: 4, activation: "sigmoid" }));
  const gate = then(tf.layers.reshape({ targetShape: [1, 1, 4] }));
  // The gate comes first; our op takes it second.
  const gated = tf.layers.multiply().apply([gate, trunk]) as tf.SymbolicTensor;
  x = tf.layers.add().apply([trunk, gated]) as tf.SymbolicTensor;
  then(tf.layers.reLU());
  const [, height, width] = x.shape as number[];
  const largest = tf.layers.globalMaxPooling2d({}).apply(x) as tf.SymbolicTensor;
  then(tf.layers.averagePooling2d({ poolSize: [height, width] }));
  then(tf.layers.flatten());
  then(tf.layers.dropout({ rate: 0.5 }));
  x = tf.layers.add().apply([x, largest]) as tf.SymbolicTensor;
  x = tf.layers.add().apply([x, pooled]) as tf.SymbolicTensor;
  then(tf.layers.dense({ units: 3, useBias: false }));
  then(tf.layers.activation({ activation: "softmax" }));
  await assertSameAsTfjs(tf.model({ inputs: input, outputs: x }));
});

test("logarithms of probabilities are those of TensorFlow.js", async () => {
  // A layer's, and one of its own on a map.
  const layers = [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3] }),
    tf.layers.activation({ activation: "logSoftmax" as "softmax" }),
    tf.layers.globalAveragePooling2d({}),
    tf.layers.dense({ units: 5, activation: "logSoftmax" as "softmax" }),
  ];
  await assertSameAsTfjs(tf.sequential({ layers }));
});

test("layers that several ops stand for have the weights that TensorFlow.js names after them", async () => {
  const layers = [
    tf.layers.separableConv2d({ filters: 4, kernelSize: 3, activation: "elu", inputShape: [7, 6, 3] }),
    tf.layers.prelu({ sharedAxes: [1, 2] }),
    tf.layers.conv2d({ filters: 5, kernelSize: 2, activation: "tanh" }),
    tf.layers.globalAveragePooling2d({}),
    tf.layers.dense({ units: 4, activation: "softplus" }),
    tf.layers.dense({ units: 3, activation: "selu", useBias: false }),
  ];
  await assertSameAsTfjs(tf.sequential({ layers }));
});

test("a Sequential model, and models nested in one, compute what TensorFlow.js computes", async () => {
  const input = tf.input({ shape: [6, 6, 1] });
  const conv = tf.layers.conv2d({ filters: 3, kernelSize: 3, name: "conv" }).apply(input) as tf.SymbolicTensor;
  const backbone = tf.model({ inputs: input, outputs: conv });
  const head = tf.sequential({
    layers: [
      tf.layers.globalAveragePooling2d({ inputShape: [4, 4, 3], name: "pool" }),
      tf.layers.dense({ units: 4, activation: "linear", name: "logits" }),
    ],
  });
  await assertSameAsTfjs(tf.sequential({ layers: [backbone, head] }));
  const outer = tf.input({ shape: [6, 6, 1] });
  const features = backbone.apply(outer) as tf.SymbolicTensor;
  await assertSameAsTfjs(tf.model({ inputs: outer, outputs: head.apply(features) as tf.SymbolicTensor }));
});

type Config = Record<string, unknown>;

/** A functional model of an input and layers `a`, `b`, ..., each fed by the one before; the last is the output. */
function chain(...layers: [className: string, config: Config][]) {
  const names = ["input", ...layers.map((_, i) => "abcdef"[i])];
  return {
    class_name: "Functional",
    config: {
      name: "chain",
      layers: [
        { name: "input", class_name: "InputLayer", config: { batch_input_shape: [null, 8, 8, 3] }, inbound_nodes: [] },
        ...layers.map(([class_name, config], i) => ({
          name: names[i + 1],
          class_name,
          config: { name: names[i + 1], ...config },
          inbound_nodes: [[[names[i], 0, 0, {}]]],
        })),
      ],
      output_layers: [[names[layers.length], 0, 0]],
    },
  };
}

function refused(model: unknown, pattern: RegExp): void {
  assert.throws(
    () => graphOfKerasConfig(model, "m.json"),
    (error: unknown) => error instanceof WeightsError && pattern.test(error.message),
  );
}

const conv = { filters: 2, kernel_size: [3, 3] };

test("takes activations, batch-norm constants and padding as the config gives them", () => {
  const graph = graphOfKerasConfig(
    chain(
      ["Conv2D", { ...conv, padding: "same", strides: [2, 1], activation: "hard_swish", use_bias: false }],
      ["BatchNormalization", { axis: [3], epsilon: 1e-5, momentum: 0.9, renorm: false, gamma_initializer: {} }],
      ["Activation", { activation: "relu6" }],
      ["ReLU", { max_value: 6.0, negative_slope: 0, threshold: 0 }],
      ["ReLU", { max_value: null }],
      ["GlobalAveragePooling2D", { keepdims: true }],
    ),
    "m.json",
  );
  assert.deepEqual(
    graph.nodes.map(({ attrs }) => attrs),
    [
      { filters: 2, kernelSize: [3, 3], strides: [2, 1], padding: "same", useBias: false, activation: "hard_swish" },
      { epsilon: 1e-5, momentum: 0.9 },
      { activation: "relu6" },
      { activation: "relu6" },
      { activation: "relu" },
      { keepdims: true },
    ],
  );
  assert.deepEqual(graph.nodes.at(-1)?.shape, [1, 1, 1, 2]);
});

test("a layer's module may be anything, as a parsed object that has no text", () => {
  const json = chain(["ReLU", {}]);
  Object.assign(json.config.layers.at(-1) as object, { module: Object.create(null) });
  assert.deepEqual(graphOfKerasConfig(json, "m.json").nodes.at(-1)?.attrs, { activation: "relu" });
});

test("works out the -1 of a Reshape", () => {
  const graph = graphOfKerasConfig(chain(["Reshape", { target_shape: [-1, 4, 3] }]), "m.json");
  assert.deepEqual(graph.nodes[0].shape, [1, 16, 4, 3]);
});

test("puts layers that are listed in any order into one that can be computed", () => {
  const model = chain(["ReLU", {}], ["Flatten", {}], ["Dense", { units: 2 }]);
  model.config.layers.reverse();
  assert.deepEqual(
    graphOfKerasConfig(model, "m.json").nodes.map(({ name }) => name),
    ["a", "b", "c"],
  );
});

test("of several results one is taken: the first, which is said, or the one asked for", () => {
  const model = (output_layers: unknown) => {
    const json = chain(["ReLU", {}], ["Flatten", {}], ["Dense", { units: 2 }]);
    return { ...json, config: { ...json.config, output_layers } };
  };
  const list = model([
    ["b", 0, 0],
    ["c", 0, 0],
  ]);
  const first = programOfKerasConfig(list, "m.json");
  assert.deepEqual([first.graph.outputs, Object.keys(first.graph.params)], [["b"], []]);
  assert.match(first.notes?.join() ?? "", /"b" is taken of its 2 outputs, "b", "c": option output chooses/);
  const named = model({ vector: ["b", 0, 0], classes: ["c", 0, 0] });
  for (const asked of ["classes", 1, "1"]) {
    const { graph, notes } = programOfKerasConfig(named, "m.json", asked);
    assert.deepEqual([graph.outputs, notes], [["c"], undefined]);
  }
  assert.throws(
    () => programOfKerasConfig(named, "m.json", "klasses"),
    /no output "klasses", expected one of "vector", "classes".*classes/,
  );
  assert.throws(() => programOfKerasConfig(named, "m.json", 2), /no output 2/);
});

test("refuses layers and options it does not have, naming the layer", () => {
  refused(chain(["LSTM", {}]), /^m.json: a: layer class LSTM, expected one of Activation, .*model\.export\(/);
  refused(chain(["toString", {}]), /^m.json: a: layer class toString/);
  refused(
    chain(["Conv2D", { ...conv, dilation_rate: [2, 2] }]),
    /^m.json: a: dilation_rate is \[2,2\], expected \[1,1\]/,
  );
  refused(chain(["Conv2D", { ...conv, groups: 2 }]), /^m.json: a: groups is 2, expected 1/);
  refused(
    chain(["DepthwiseConv2D", { kernel_size: [3, 3], data_format: "channels_first" }]),
    /a: data_format is "channels_first"/,
  );
  refused(chain(["Conv2D", { ...conv, padding: "causal" }]), /a: padding is "causal", expected "valid" or "same"/);
  refused(chain(["Conv2D", { kernel_size: [3, 3] }]), /a: no filters, expected a whole number/);
  refused(chain(["Conv2D", { ...conv, strides: [0, 1] }]), /a: strides is \[0,1\]/);
  refused(
    chain(["Conv2D", { ...conv, brand_new: true }]),
    /a: option "brand_new" with value true, expected no such option on Conv2D/,
  );
  refused(chain(["Activation", { activation: "glu" }]), /a: glu of \[1,8,8,3\], expected an even number of channels/);
  refused(chain(["Activation", { activation: "glo" }]), /a: activation "glo", expected one of linear, relu.*onnx/);
  refused(chain(["Activation", { activation: "sparsemax" }]), /a: activation "sparsemax".*keeps the order/);
  refused(chain(["ReLU", { max_value: 0 }]), /a: max_value is 0, expected a number above 0/);
  refused(chain(["ReLU", { threshold: -1 }]), /a: threshold is -1, expected 0 or more/);
  refused(chain(["ReLU", { threshold: 1, max_value: 2 }]), /a: threshold and max_value of 2, expected one of them/);
  refused(chain(["BatchNormalization", { axis: 1 }]), /a: axis is 1, expected -1 or 3 or \[3\]/);
  refused(chain(["LayerNormalization", { axis: [1, 2] }]), /a: axis is \[1,2\], expected -1 or 3/);
  refused(chain(["LayerNormalization", { rms_scaling: true }]), /a: rms_scaling is true/);
  refused(chain(["Resizing", { height: 4, width: 4, interpolation: "bicubic" }]), /a: interpolation is "bicubic"/);
  refused(chain(["Concatenate", { axis: 1 }]), /a: axis is 1, expected -1 or 3/);
  refused(
    chain([
      "ZeroPadding2D",
      {
        padding: [
          [-1, 0],
          [0, 0],
        ],
      },
    ]),
    /a: padding is \[\[-1,0\],\[0,0\]\]/,
  );
  refused(chain(["Reshape", { target_shape: [5, -1] }]), /a: target_shape \[5,-1\], expected a shape of 192 numbers/);
  refused(chain(["Reshape", { target_shape: [-1, -1] }]), /a: target_shape \[-1,-1\]/);
  refused(chain(["Add", {}]), /a: 1 inputs, expected 2/);
  refused(chain(["Pipeline", { layers: [{ class_name: "LSTM", config: { name: "x" } }] }]), /x: layer class LSTM/);
});

test("names the layer whose input does not fit", () => {
  assert.throws(
    () => graphOfKerasConfig(chain(["Flatten", {}], ["Conv2D", conv]), "m.json"),
    (error: unknown) => error instanceof GraphError && error.where === "b",
  );
});

test("refuses topologies it does not have", () => {
  const edited = (edit: (config: { layers: { inbound_nodes: unknown }[]; output_layers: unknown }) => void) => {
    const model = chain(["ReLU", {}], ["ReLU", {}]);
    edit(model.config);
    return model;
  };
  refused(
    { class_name: "Dense", config: { name: "d" } },
    /d: a model of class Dense, expected Sequential or Functional or Model/,
  );
  refused({ class_name: "Sequential", config: { name: "s", layers: [] } }, /s: no layers/);
  refused({ class_name: "Sequential", config: [] }, /config of a Sequential is \[\], expected an object/);
  refused(
    { class_name: "Sequential", config: { name: "s", layers: [{ class_name: "ReLU", config: { name: "r" } }] } },
    /r: no batch_input_shape/,
  );
  refused(
    edited(({ layers }) => layers.splice(0, 1)),
    /chain: 0 inputs, expected 1/,
  );
  refused(
    edited(({ layers }) => layers.splice(1, 1)),
    /b: inputs \["a"\], expected layers that the input reaches/,
  );
  refused(
    edited(({ layers }) => (layers[1].inbound_nodes = [[["b", 0, 0, {}]]])),
    /a: inputs \["b"\]/,
  );
  refused(
    edited(({ layers }) => (layers[1].inbound_nodes = [[["input", 0, 0]], [["b", 0, 0]]])),
    /a: used 2 times/,
  );
  refused(
    edited(({ layers }) => (layers[1].inbound_nodes = [{ args: [] }])),
    /a: 0 inputs, expected 1/,
  );
  refused(
    edited(({ layers }) => (layers[1].inbound_nodes = [[["input", 0, 1]]])),
    /a: a reference \["input",0,1\]/,
  );
  refused(
    edited(({ layers }) => (layers[1].inbound_nodes = [[["input", 0, 0, { alpha: 1 }]]])),
    /a: an argument "alpha" with value 1, expected tensors alone/,
  );

  refused(
    edited((config) => (config.output_layers = [["z", 0, 0]])),
    /chain: output "z"/,
  );
});

test("pictures of any size are 224x224; those of which one side alone is open are refused", () => {
  const model = chain(["ReLU", {}]);
  const [input] = model.config.layers;
  input.config = { batch_input_shape: [null, null, null, 3] };
  assert.deepEqual(graphOfKerasConfig(model, "m.json").input.shape, [1, 224, 224, 3]);
  input.config = { batch_input_shape: [null, 96, null, 3] };
  refused(
    model,
    /^m.json: input: input shape \[null,96,null,3\], expected .* both fixed or both open: .*loaded by its name/,
  );
});

test("refuses more layers than it can put in order soon", () => {
  const model = chain(["ReLU", {}]);
  model.config.layers = Array.from({ length: 2001 }, () => model.config.layers[1]);
  refused(model, /^m.json: chain: 2001 layers, expected 2000 at most/);
});
