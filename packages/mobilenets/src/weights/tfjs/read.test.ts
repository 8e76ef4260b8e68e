import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import type { Wanted } from "../format.ts";
import { matchWeights } from "../match/match.ts";
import { readTfjs } from "./read.ts";

/** A model with one dense layer over the mean of a 2x2 grey picture. */
const topology = {
  class_name: "Sequential",
  config: {
    name: "tiny",
    layers: [
      { class_name: "Flatten", config: { name: "flatten", batch_input_shape: [null, 2, 2, 1] } },
      { class_name: "Dense", config: { name: "dense", units: 2 } },
    ],
  },
};

const kernel = { name: "dense/kernel", shape: [4, 2], dtype: "float32" };
const bias = { name: "dense/bias", shape: [2], dtype: "float32" };
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const kernelBytes = floats(1, -2, 3, -4, 5, -6, 7, -8);
const biasBytes = floats(0.5, 0.25);
const concat = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

interface Sample {
  json?: Record<string, unknown>;
  groups?: { paths: string[]; weights: object[] }[];
  files?: Record<string, Uint8Array>;
  where?: string;
  wanted?: Wanted;
}

/** Reads a model of the given parts; by default the valid one, in a single shard. */
function read({ json, groups, files, where = "dir/model.json", wanted }: Sample = {}) {
  const model = {
    format: "layers-model",
    modelTopology: topology,
    weightsManifest: groups ?? [{ paths: ["shard1"], weights: [kernel, bias] }],
    ...json,
  };
  const all = files ?? { shard1: concat(kernelBytes, biasBytes) };
  return readTfjs(
    new TextEncoder().encode(JSON.stringify(model)),
    where,
    async (path) => {
      const file = all[path];
      if (!file) throw new Error(`no file ${path}`);
      return file;
    },
    wanted,
  );
}

const message = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof WeightsError, String(error));
  assert.match(error.message, pattern);
  return true;
};

test("reads weights and the graph they belong to", async () => {
  const { tensors, graph } = await read();
  assert.deepEqual(tensors["dense/kernel"], { data: Float32Array.of(1, -2, 3, -4, 5, -6, 7, -8), shape: [4, 2] });
  assert.deepEqual(tensors["dense/bias"], { data: Float32Array.of(0.5, 0.25), shape: [2] });
  assert.ok(graph);
  assert.equal(graph.name, "tiny");
  assert.deepEqual(Object.keys(matchWeights(graph, tensors, "model.json")), ["dense/kernel", "dense/bias"]);
});

test("takes a topology as Python's converter wraps it", async () => {
  const { graph } = await read({
    json: { format: undefined, modelTopology: { keras_version: "2.2.4", model_config: topology } },
  });
  assert.deepEqual(
    graph?.nodes.map((node) => node.name),
    ["flatten", "dense"],
  );
});

test("joins several groups of several shards, cut anywhere and aligned to nothing", async () => {
  const quantized = { dtype: "uint8", scale: 0.5, min: -1 };
  const odd = { name: "odd", shape: [3], dtype: "float32", quantization: quantized };
  const count = { name: "count", shape: [], dtype: "int32" };
  const first = concat(Uint8Array.of(0, 2, 255), kernelBytes);
  const { tensors } = await read({
    groups: [
      { paths: ["a1", "a2", "sub/a3"], weights: [odd, kernel] },
      { paths: ["b1"], weights: [bias, count] },
    ],
    files: {
      a1: first.subarray(0, 10),
      a2: first.subarray(10, 11),
      "sub/a3": first.subarray(11),
      b1: concat(biasBytes, new Uint8Array(Int32Array.of(-7).buffer)),
    },
  });
  assert.deepEqual([...tensors.odd.data], [-1, 0, 126.5]);
  assert.deepEqual([...tensors["dense/kernel"].data], [1, -2, 3, -4, 5, -6, 7, -8]);
  assert.deepEqual([...tensors["dense/bias"].data], [0.5, 0.25]);
  assert.deepEqual(tensors.count, { data: Int32Array.of(-7), shape: [] });
});

test("widens uint8, uint16 and float16 to float32", async () => {
  const weight = (name: string, quantization: object) => ({ name, shape: [3], dtype: "float32", quantization });
  const { tensors } = await read({
    groups: [
      {
        paths: ["shard1"],
        weights: [
          weight("u8", { dtype: "uint8", scale: 0.1, min: -0.5 }),
          weight("u16", { dtype: "uint16", scale: 2 ** -16, min: 1, original_dtype: "float32" }),
          weight("f16", { dtype: "float16" }),
        ],
      },
    ],
    files: {
      shard1: concat(
        Uint8Array.of(0, 5, 255),
        new Uint8Array(Uint16Array.of(0, 1, 65535).buffer),
        // IEEE 754 half precision: 1, -2, the largest number.
        new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x7bff).buffer),
      ),
    },
  });
  assert.deepEqual(tensors.u8.data, Float32Array.of(-0.5, 0, 25));
  assert.deepEqual(tensors.u16.data, Float32Array.of(1, 1 + 2 ** -16, 2 - 2 ** -16));
  assert.deepEqual(tensors.f16.data, Float32Array.of(1, -2, 65504));
});

test("refuses shards that are missing, truncated or oversized, each in its own words", async () => {
  const bytes = concat(kernelBytes, biasBytes);
  await assert.rejects(
    read({ files: {} }),
    message(/^dir\/model.json: "shard1": a shard that cannot be read \(no file shard1\)/),
  );
  await assert.rejects(
    read({ files: { shard1: bytes.subarray(0, 39) } }),
    message(/^dir\/model.json: shard1: truncated: 39 bytes, expected 40 .*cut short/),
  );
  await assert.rejects(
    read({ files: { shard1: concat(bytes, Uint8Array.of(0)) } }),
    message(/^dir\/model.json: shard1: oversized: 1 bytes after the last weight/),
  );
});

test("refuses tensors of another dtype or shape, missing and surplus ones, each in its own words", async () => {
  const match = async (weights: object[], ...parts: Uint8Array[]) => {
    const groups = [{ paths: ["shard1"], weights }];
    const { tensors, graph } = await read({ groups, files: { shard1: concat(...parts) } });
    assert.ok(graph);
    return matchWeights(graph, tensors, "model.json");
  };
  await assert.rejects(
    match([kernel, { ...bias, dtype: "int32" }], kernelBytes, biasBytes),
    message(/bias has dtype int32, expected float32/),
  );
  await assert.rejects(
    match([{ ...kernel, shape: [2, 4] }, bias], kernelBytes, biasBytes),
    message(/kernel has shape \[2,4\], expected \[4,2\]/),
  );
  await assert.rejects(match([kernel], kernelBytes), message(/1 of the 2 tensors of tiny are missing: dense\/bias/));
  await assert.rejects(
    match([kernel, bias, { ...bias, name: "extra/bias" }], kernelBytes, biasBytes, biasBytes),
    message(/1 tensor that tiny does not have: "extra\/bias"/),
  );
});

test("refuses manifests it cannot trust", async () => {
  const manifest = (weights: object[], paths = ["shard1"]) => read({ groups: [{ paths, weights }] });
  await assert.rejects(
    manifest([{ ...bias, dtype: "bool" }]),
    message(/dense\/bias: dtype "bool", expected float32 or int32/),
  );
  await assert.rejects(
    manifest([{ ...bias, quantization: { dtype: "int4", scale: 1, min: 0 } }]),
    message(/dense\/bias: quantization to "int4", expected uint8, uint16 or float16/),
  );
  await assert.rejects(
    manifest([{ ...bias, quantization: { dtype: "uint8" } }]),
    message(/dense\/bias: quantization .*scale and min/),
  );
  await assert.rejects(
    manifest([{ ...bias, dtype: "int32", quantization: { dtype: "uint8", scale: 1, min: 0 } }]),
    message(/quantised weights of dtype "int32"/),
  );
  await assert.rejects(manifest([{ ...bias, shape: [-2] }]), message(/dense\/bias: shape \[-2\]/));
  await assert.rejects(manifest([{ ...bias, shape: [2 ** 40, 2 ** 40] }]), message(/no more than a file can hold/));
  await assert.rejects(manifest([bias, bias]), message(/two weights "dense\/bias"/));
  await assert.rejects(manifest([{ ...bias, name: "__proto__" }]), message(/the name "__proto__"/));
  await assert.rejects(manifest([{ shape: [2], dtype: "float32" }]), message(/no a weight's name|a weight's name/));
  await assert.rejects(read({ json: { weightsManifest: {} } }), message(/weightsManifest is \{\}, expected a list/));
});

test("refuses JSON that is no model", async () => {
  await assert.rejects(read({ json: { format: "graph-model" } }), message(/no node, expected a list/));
  await assert.rejects(
    read({ json: { format: undefined, modelTopology: { node: [] } } }),
    message(/0 nodes without a reader/),
  );
  await assert.rejects(read({ json: { modelTopology: undefined } }), message(/JSON without modelTopology/));
  await assert.rejects(read({ json: { weightsManifest: undefined } }), message(/JSON without weightsManifest/));
  const none = async () => new Uint8Array();
  await assert.rejects(readTfjs(new TextEncoder().encode('{"a":'), "m", none), message(/not acceptable JSON/));
  await assert.rejects(readTfjs(Uint8Array.of(0x7b, 0xff), "m", none), message(/not acceptable JSON/));
});

test("gives the weights of a model whose topology it does not understand", async () => {
  const layers = [...topology.config.layers, { class_name: "Lambda", config: { name: "mystery" } }];
  const json = { modelTopology: { ...topology, config: { ...topology.config, layers } } };
  const file = await read({ json, wanted: { network: "mobilenet_v1" } });
  assert.deepEqual([Object.keys(file.tensors), file.graph], [["dense/kernel", "dense/bias"], undefined]);
  await assert.rejects(read({ json }), message(/^dir\/model.json: mystery: layer class Lambda/));
});
