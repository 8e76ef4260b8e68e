import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../errors.ts";
import { buildGraph, optionsOf } from "../models/networks.ts";
import { preprocessingOf } from "../models/preprocessing.ts";
import { readMetadata, writeMetadata } from "./metadata.ts";

const options = { alpha: 0.25, classes: 2, inputShape: [64, 64, 3] } as const;
const program = { graph: buildGraph("mobilenet_v2", options), weights: {} };
const preprocessing = preprocessingOf(optionsOf("mobilenet_v2", options));

test("network, options, preprocessing and labels come back", async () => {
  const labels = ["cat", 'dog "Rex"'];
  const written = writeMetadata({ program, network: "mobilenet_v2", options, preprocessing, labels });
  assert.deepEqual(await readMetadata(written, "f"), {
    network: "mobilenet_v2",
    options,
    preprocessing,
    labels,
    graph: undefined,
  });
});

test("a network without a name travels as its graph", async () => {
  const { network, graph, labels } = await readMetadata(writeMetadata({ program, preprocessing, labels: [] }), "f");
  assert.equal(network, undefined);
  assert.equal(labels, undefined);
  assert.deepEqual(graph, program.graph);
});

test("files say which version of the metadata they have; those that do not have the first", async () => {
  const written = writeMetadata({ program, network: "mobilenet_v2", options, preprocessing, labels: [] });
  const { metadata_version, ...unversioned } = written;
  assert.equal(metadata_version, "1");
  assert.deepEqual(await readMetadata(unversioned, "f"), await readMetadata(written, "f"));
  await assert.rejects(
    readMetadata({ ...written, metadata_version: "2" }, "cats.safetensors"),
    /^WeightsError: cats\.safetensors: metadata_version "2", expected 1: a newer version of mobilenets wrote this file/,
  );
  await assert.rejects(
    readMetadata({ metadata_version: "one" }, "f"),
    /^WeightsError: f: metadata_version "one", expected 1$/,
  );
});

test("keys of others are ignored, missing ones stay undefined", async () => {
  assert.deepEqual(
    Object.values(await readMetadata({ author: "x" }, "f")).filter((value) => value !== undefined),
    [],
  );
});

test("values that cannot be ours are refused, naming the key", async () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const broken: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ network: "resnet" }, /^f: metadata of an unknown network "resnet"$/],
    [{ options: "{" }, /metadata "options" that is not acceptable JSON/],
    [{ options: "[1]" }, /metadata "options" \[1\], expected an object/],
    [{ labels: deep }, /metadata "labels" that is not acceptable JSON/],
    [{ labels: '["a",1]' }, /metadata "labels" .* expected a list of names/],
    [{ preprocessing: '{"height":0}' }, /metadata "preprocessing" that cannot be used \(.*height is 0/],
    [{ graph: "null" }, /metadata "graph" that cannot be used \(graph: null, expected an object\)/],
    [
      { graph: '{"name":"g","input":{"name":"x","shape":[1,8,8,3]},"params":{},"nodes":[],"outputs":["y"]}' },
      /\(graph: outputs: \["y"\], expected names of layers\)/,
    ],
  ];
  for (const [metadata, message] of broken) {
    await assert.rejects(
      readMetadata(metadata, "f"),
      (error) => error instanceof WeightsError && message.test(error.message),
      JSON.stringify(metadata).slice(0, 60),
    );
  }
});
