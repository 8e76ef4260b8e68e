import assert from "node:assert/strict";
import { test } from "node:test";
import { readHuggingFaceConfig } from "./huggingface-config.ts";

const read = (files: Readonly<Record<string, object>>) =>
  readHuggingFaceConfig("model.safetensors", async (name) => {
    if (name in files) return new TextEncoder().encode(JSON.stringify(files[name]));
    throw new Error("no such file");
  });

test("without files beside it, pictures are prepared as transformers' image processors do", async () => {
  const { preprocessing, size, labels } = await read({});
  assert.deepEqual(preprocessing, { crop: "center", cropFraction: 0.875, resize: "pillow-bilinear" });
  assert.deepEqual(size, [224, 224]);
  assert.equal(labels, undefined);
});

test("what the files say is taken", async () => {
  const processor = { size: { shortest_edge: 200 }, crop_size: { height: 160, width: 160 }, resample: 3 };
  const statistics = { image_mean: [0.5, 0.5, 0.5], image_std: [0.2, 0.2, 0.2] };
  const found = await read({
    "preprocessor_config.json": { ...processor, ...statistics },
    "config.json": { tf_padding: true, layer_norm_eps: 0.001, id2label: { 1: "dog", 0: "cat" } },
  });
  const expected = { crop: "center", cropFraction: 0.8, resize: "pillow-bicubic", mean: [127.5, 127.5, 127.5] };
  assert.deepEqual(found.preprocessing, { ...expected, std: [51, 51, 51] });
  assert.deepEqual(
    [found.size, found.labels],
    [
      [160, 160],
      ["cat", "dog"],
    ],
  );
  const squashed = { size: { height: 96, width: 128 }, do_center_crop: false };
  const { size, preprocessing } = await read({ "preprocessor_config.json": squashed });
  assert.deepEqual([size, preprocessing.crop], [[96, 128], "squash"]);
});

test("a model that pads or normalises otherwise is refused, with a way out", async () => {
  for (const config of [
    { tf_padding: false },
    { layer_norm_eps: 1e-5 },
    { hidden_act: "relu" },
    { output_stride: 16 },
  ]) {
    await assert.rejects(read({ "config.json": config }), /export it to ONNX/);
  }
});
