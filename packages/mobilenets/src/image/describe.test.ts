import assert from "node:assert/strict";
import { test } from "node:test";
import { describePreprocessing } from "./describe.ts";
import { pipelines } from "./pipelines.ts";
import { checkPreprocessing, type Preprocessing } from "./preprocessing.ts";

const base = { height: 224, width: 224, channels: 3, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] } as const;

test("every named pipeline is valid, and is called by its name", () => {
  for (const [name, pipeline] of Object.entries(pipelines)) {
    const preprocessing: Preprocessing = { ...base, ...pipeline };
    checkPreprocessing(preprocessing);
    assert.equal(describePreprocessing(preprocessing).split(":")[0], name);
  }
});

for (const [change, text] of [
  [pipelines.keras, "keras: the whole picture to 224 x 224, nearest as Pillow, samples -1 to 1"],
  [
    pipelines.torchvision,
    "torchvision: the shorter side to 256, its middle 224 x 224, bilinear as Pillow, samples less 123.67:116.28:103.53, over 58.4:57.12:57.38",
  ],
  [
    { ...pipelines["tf.image-antialias"], mean: [0, 0, 0], std: [1, 1, 1] },
    "tf.image-antialias: the whole picture to 224 x 224, bilinear with antialias as tf.image, samples 0 to 255",
  ],
  [
    { crop: "center", cropFraction: 0.95, resize: "pillow-bicubic" },
    "the shorter side to 235, its middle 224 x 224, bicubic as Pillow, samples -1 to 1",
  ],
  [
    { crop: "center", cropFraction: 0.875 },
    "mobilenets: the middle 87.5 % to 224 x 224, bilinear with antialias, samples -1 to 1",
  ],
] as const) {
  test(text, () => {
    assert.equal(describePreprocessing({ ...base, ...change }), text);
  });
}
