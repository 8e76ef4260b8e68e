import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNorm, conv, depthwise, graphOf } from "../../../../../test/support/graph-of.ts";
import { randomProgram } from "../../../../../test/support/random-program.ts";
import { WeightsError } from "../../errors.ts";
import type { Program } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { dropout } from "../../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import { signedPreprocessing } from "../../models/preprocessing.ts";
import { tensor } from "../../tensor.ts";
import type { WriteOptions } from "../format.ts";
import { decode, loadWire } from "./codec.ts";
import { type GraphProto, type ModelProto, modelProto } from "./schema.ts";
import { writeOnnx } from "./write.ts";

const preprocessing = signedPreprocessing(4, 5, 3);

async function written(program: Program, options?: WriteOptions): Promise<ModelProto & { readonly graph: GraphProto }> {
  const { bytes } = await writeOnnx({ program, preprocessing, labels: [] }, options);
  const model = decode(await loadWire("test"), modelProto, bytes) as ModelProto;
  return { ...model, graph: model.graph as GraphProto };
}

/** One line per node: `Conv(input, y/kernel) -> y`. */
const lines = ({ node }: GraphProto) => node.map(({ opType, input, output }) => `${opType}(${input}) -> ${output}`);

const attributes = ({ node }: GraphProto, name: string) =>
  Object.fromEntries(
    node
      .find(({ output }) => output[0] === name)!
      .attribute.map(({ name, i, f, ints }) => [name, ints.length > 0 ? ints : (i ?? f)]),
  );

const floats = ({ initializer }: GraphProto, name: string) => {
  const { rawData, dims } = initializer.find((candidate) => candidate.name === name)!;
  return { dims, data: [...new Float32Array(new Uint8Array(rawData!).buffer)] };
};

const sequence = graphOf([4, 5, 3], (b) => {
  const pad = b.add(zeroPadding2d, "pad", [b.input], { padding: { top: 0, bottom: 1, left: 0, right: 2 } });
  const first = b.add(conv2d, "first", [pad], conv(4, { kernelSize: [3, 3], strides: [2, 1], padding: "valid" }));
  const norm = b.add(batchNormalization, "norm", [first], batchNorm);
  const relu = b.add(activation, "relu", [norm], { activation: "relu6" });
  return b.add(depthwiseConv2d, "second", [relu], depthwise({ depthMultiplier: 2, activation: "hard_sigmoid" }));
});

test("an NCHW model of operator set 17 with an open batch", async () => {
  const { irVersion, producerName, opsetImport, graph } = await written(randomProgram(sequence, 1));
  assert.deepEqual([irVersion, producerName], [8, "mobilenets"]);
  assert.deepEqual(opsetImport, [{ domain: "", version: 17 }]);
  const shapes = [...graph.input, ...graph.output].map(({ name, type }) => [name, type?.tensorType]);
  const shape = (...sizes: number[]) => ({
    elemType: 1,
    shape: { dim: [{ dimParam: "batch" }, ...sizes.map((dimValue) => ({ dimValue }))] },
  });
  assert.deepEqual(shapes, [
    ["input", shape(3, 4, 5)],
    ["second", shape(8, 2, 5)],
  ]);
});

test("batch norms and paddings are folded; or norms kept", async () => {
  const program = randomProgram(sequence, 1);
  const { graph } = await written(program);
  assert.deepEqual(lines(graph), [
    "Conv(input,first/kernel,first/bias) -> first",
    "Clip(first,relu6/min,relu6/max) -> relu",
    "Conv(relu,second/depthwise_kernel) -> second/linear",
    "HardSigmoid(second/linear) -> second",
  ]);
  assert.deepEqual(attributes(graph, "first"), { kernel_shape: [3, 3], strides: [2, 1], pads: [0, 0, 1, 2], group: 1 });
  assert.deepEqual(attributes(graph, "second/linear"), {
    kernel_shape: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    group: 4,
  });
  assert.deepEqual(attributes(graph, "second"), { alpha: Math.fround(1 / 6), beta: 0.5 });
  assert.deepEqual(floats(graph, "relu6/max"), { dims: [], data: [6] });

  const kept = (await written(program, { keepBatchNorm: true })).graph;
  assert.deepEqual(lines(kept).slice(0, 2), [
    "Conv(input,first/kernel) -> first",
    "BatchNormalization(first,norm/gamma,norm/beta,norm/moving_mean,norm/moving_variance) -> norm",
  ]);
  assert.deepEqual(attributes(kept, "norm"), { epsilon: Math.fround(batchNorm.epsilon) });
  assert.deepEqual(floats(kept, "norm/beta").data, [...program.weights["norm/beta"].data]);
});

test("kernels are turned to [out,in,height,width]", async () => {
  const graph = graphOf([2, 2, 3], (b) => [
    b.add(conv2d, "conv", [b.input], conv(2, { kernelSize: [1, 2] })),
    b.add(depthwiseConv2d, "dw", [b.input], depthwise({ kernelSize: [2, 1], padding: "valid", depthMultiplier: 2 })),
  ]);
  // Each value is its index in our layout, as digits.
  const digits = (shape: number[]) => {
    const out: number[] = [];
    const walk = (axis: number, value: number) => {
      if (axis === shape.length) out.push(value);
      else for (let i = 0; i < shape[axis]; i++) walk(axis + 1, value * 10 + i);
    };
    walk(0, 0);
    return tensor(shape, out);
  };
  const weights = { "conv/kernel": digits([1, 2, 3, 2]), "dw/depthwise_kernel": digits([2, 1, 3, 2]) };
  const file = (await written({ graph, weights })).graph;
  const hwio = [0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121];
  assert.deepEqual(floats(file, "conv/kernel"), { dims: [2, 3, 1, 2], data: hwio });
  const depthwiseKernel = [0, 1000, 1, 1001, 10, 1010, 11, 1011, 20, 1020, 21, 1021];
  assert.deepEqual(floats(file, "dw/depthwise_kernel"), { dims: [6, 1, 2, 1], data: depthwiseKernel });
});

test("outputs keep their layers' names, whatever was folded or left out behind them", async () => {
  const graph = graphOf([2, 2, 3], (b) => {
    const x = b.add(conv2d, "x", [b.input], conv(4));
    const norm = b.add(batchNormalization, "norm", [x], batchNorm);
    const drop = b.add(dropout, "drop", [norm], { rate: 0.5 });
    return [norm, drop, b.add(globalAveragePooling2d, "pool", [drop], { keepdims: false })];
  });
  const file = (await written(randomProgram(graph, 1))).graph;
  assert.deepEqual(
    file.output.map(({ name }) => name),
    ["norm", "drop", "pool"],
  );
  assert.deepEqual(lines(file), [
    "Conv(input,x/kernel,x/bias) -> norm",
    "GlobalAveragePool(norm) -> pool/pooled",
    "Flatten(pool/pooled) -> pool",
    "Identity(norm) -> drop",
  ]);
});

test("a map is reshaped in our order of its numbers", async () => {
  const graph = graphOf([2, 2, 3], (b) => b.add(reshape, "flat", [b.input], { target: [-1] }));
  const file = (await written(randomProgram(graph, 1))).graph;
  assert.deepEqual(lines(file), ["Transpose(input) -> flat/nhwc", "Reshape(flat/nhwc,flat/shape) -> flat"]);
  const pixel = graphOf([1, 1, 6], (b) => b.add(reshape, "map", [b.input], { target: [1, 2, 3] }));
  assert.deepEqual(lines((await written(randomProgram(pixel, 1))).graph), [
    "Reshape(input,map/shape) -> map/reshaped",
    "Transpose(map/reshaped) -> map",
  ]);
});

test("what ONNX cannot express, and a weight that is missing, is refused by name", async () => {
  const graph = graphOf([2, 2, 3], (b) => {
    const rows = b.add(reshape, "rows", [b.input], { target: [4, 3] });
    return b.add(batchNormalization, "norm", [rows], batchNorm);
  });
  await assert.rejects(written(randomProgram(graph, 1)), /^WeightsError: norm: batch norm of shape \[1,4,3\]/);
  await assert.rejects(written({ graph: sequence, weights: {} }, { keepBatchNorm: true }), (error) => {
    return error instanceof WeightsError && error.where === "first/kernel";
  });
});
