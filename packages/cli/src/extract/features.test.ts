import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type NetworkName, OptionError, tensor } from "mobilenets";
import { labelledFeaturiser, pooled } from "./features.ts";

test("a map is averaged over its pixels, picture by picture", () => {
  // Two pictures of 1x2 pixels with 3 channels.
  const maps = tensor([2, 1, 2, 3], [1, 2, 3, 3, 4, 7, 0, 0, 0, 1, 0, -1]);
  assert.deepEqual(
    pooled(maps, "layer").map((v) => [...v]),
    [
      [2, 3, 5],
      [0.5, 0, -0.5],
    ],
  );
});

test("a vector stays as it is", () => {
  assert.deepEqual(
    pooled(tensor([2, 2], [1, 2, 3, 4]), "layer").map((v) => [...v]),
    [
      [1, 2],
      [3, 4],
    ],
  );
});

test("other shapes are refused", () => {
  assert.throws(() => pooled(tensor([1, 2, 2]), "layer"), OptionError);
});

for (const [network, options, layer] of [
  ["mobilenet_v1", { alpha: 0.25 }, undefined],
  ["mobilenet_v2", { alpha: 0.35 }, undefined],
  ["mobilenet_v3_small", {}, undefined],
  ["mobilenet_v3_small", {}, "expanded_conv_2_add"],
  ["efficientnet_lite0", {}, undefined],
] as const) {
  test(`features and classes in one pass are those of two: ${network} ${layer ?? ""}`, async () => {
    const model = await load(network as NetworkName, { ...options, inputShape: [32, 32, 3], weights: "random" });
    let runs = 0;
    const { features } = model;
    model.features = ((...args: Parameters<typeof features>) => {
      runs++;
      return features.apply(model, args);
    }) as typeof features;
    const pictures = [3, 90].map((seed) => {
      const data = Uint8Array.from({ length: 3 * 40 * 30 }, (_, i) => (i * seed + (i >> 4)) % 256);
      return { data, width: 40, height: 30, channels: 3 } as const;
    });
    const found = await labelledFeaturiser(model, layer, 3)(pictures);
    assert.equal(runs, 1);
    const classes = await model.classify(pictures, { topK: 3 });
    const vectors = layer
      ? pooled((await features.call(model, pictures, [layer]))[layer], layer)
      : await model.embed(pictures);
    for (const [i, { embedding, labels, scores }] of found.entries()) {
      assert.deepEqual(embedding, vectors[i]);
      assert.deepEqual(
        labels.map((label, k) => ({ label, probability: scores[k] })),
        classes[i].map(({ label, probability }) => ({ label, probability })),
      );
    }
    model.dispose();
  });
}
