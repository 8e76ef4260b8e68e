import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGraph } from "../graph/check.ts";
import { summarise } from "../graph/summary.ts";
import { buildGraph, type NetworkName } from "./networks.ts";
import type { ModelOptions } from "./options.ts";

interface Row {
  network: NetworkName;
  options: ModelOptions;
  params: number;
  trainable: number;
  /** Parameters without the classifier. */
  noTop: number;
  /** Length of the pooled features. */
  features: number;
  /** Millions of multiply-adds, by picture size. */
  macs: Record<number, number>;
}

const v1 = (
  alpha: number,
  params: number,
  trainable: number,
  noTop: number,
  features: number,
  ...macs: number[]
): Row => ({
  network: "mobilenet_v1",
  options: { alpha },
  params,
  trainable,
  noTop,
  features,
  macs: bySize(macs),
});

const v2 = (
  alpha: number,
  params: number,
  trainable: number,
  noTop: number,
  features: number,
  ...macs: number[]
): Row => ({
  ...v1(alpha, params, trainable, noTop, features, ...macs),
  network: "mobilenet_v2",
});

const v3 = (
  size: "small" | "large",
  options: ModelOptions,
  params: number,
  trainable: number,
  noTop: number,
  features: number,
  macs: number,
): Row => ({
  network: `mobilenet_v3_${size}`,
  options,
  params,
  trainable,
  noTop,
  features,
  macs: bySize([macs]),
});

const bySize = (macs: number[]) => Object.fromEntries(macs.map((m, i) => [[224, 192, 160, 128, 96][i], m]));

/**
 * Counted from the definitions in keras.applications 3.16. The trainable parameters of V2, V3-small and V3-large at
 * alpha 1 are also those that torchvision publishes.
 */
const rows: Row[] = [
  v1(1, 4_253_864, 4_231_976, 3_228_864, 1024, 568.7, 418.1, 290.7, 186.4),
  v1(0.75, 2_601_976, 2_585_560, 1_832_976, 768, 325.4, 239.3, 166.4, 106.8),
  v1(0.5, 1_342_536, 1_331_592, 829_536, 512, 149.5, 110.0, 76.5, 49.2),
  v1(0.25, 475_544, 470_072, 218_544, 256, 41.0, 30.2, 21.1, 13.6),
  v2(1.4, 6_156_712, 6_108_776, 4_363_712, 1792, 582.2),
  v2(1.3, 5_431_048, 5_386_792, 3_766_048, 1664, 509.4),
  v2(1, 3_538_984, 3_504_872, 2_257_984, 1280, 300.8, 221.3, 154.1, 99.1, 56.3),
  v2(0.75, 2_663_064, 2_636_424, 1_382_064, 1280, 209.1, 153.9, 107.3, 69.1, 39.4),
  v2(0.5, 1_987_224, 1_968_680, 706_224, 1280, 97.1, 71.7, 50.2, 32.6, 18.9),
  v2(0.35, 1_691_208, 1_677_128, 410_208, 1280, 59.3, 43.9, 30.9, 20.2, 11.9),
  v3("small", { alpha: 1 }, 2_554_968, 2_542_856, 939_120, 576, 56.5),
  v3("small", { alpha: 0.75 }, 2_051_552, 2_041_872, 583_160, 432, 43.4),
  v3("small", { minimalistic: true }, 2_056_848, 2_044_736, 441_000, 576, 52.3),
  v3("large", { alpha: 1 }, 5_507_432, 5_483_032, 2_996_352, 960, 216.6),
  v3("large", { alpha: 0.75 }, 4_012_616, 3_993_528, 1_808_736, 720, 154.6),
  v3("large", { minimalistic: true }, 3_948_688, 3_924_288, 1_437_608, 960, 209.1),
];

for (const { network, options, params, trainable, noTop, features, macs } of rows) {
  test(`${network} ${JSON.stringify(options)} has the parameters, features and multiply-adds of keras.applications`, () => {
    for (const [size, millions] of Object.entries(macs)) {
      const inputShape = [Number(size), Number(size), 3] as const;
      const { totals } = summarise(checkGraph(buildGraph(network, { ...options, inputShape })));
      assert.deepEqual({ params: totals.params, trainable: totals.trainable }, { params, trainable });
      assert.equal((totals.macs / 1e6).toFixed(1), millions.toFixed(1), `multiply-adds at ${size}`);
    }
    const headless = checkGraph(buildGraph(network, { ...options, includeTop: false, pooling: "avg" }));
    assert.equal(summarise(headless).totals.params, noTop);
    assert.deepEqual(headless.nodes.at(-1)?.shape, [1, features]);
  });
}

/** V1 and V2 have the layers of keras.applications; V3-small counted from the article's code. */
const article: [NetworkName, params: number, trainable: number][] = [
  ["mobilenet_v1", 4_253_864, 4_231_976],
  ["mobilenet_v2", 3_538_984, 3_504_872],
  ["mobilenet_v3_small", 2_555_742, 2_543_598],
];

/** Published by torchvision (`num_params`). */
const torchvision: [NetworkName, trainable: number][] = [
  ["mobilenet_v2", 3_504_872],
  ["mobilenet_v3_small", 2_542_856],
  ["mobilenet_v3_large", 5_483_032],
];

test("the article's networks have the parameters of the article's code", () => {
  for (const [network, params, trainable] of article) {
    const { totals } = summarise(checkGraph(buildGraph(network, { flavor: "article" })));
    assert.deepEqual([network, totals.params, totals.trainable], [network, params, trainable]);
  }
});

test("torchvision's networks have the parameters that torchvision publishes", () => {
  for (const [network, trainable] of torchvision) {
    const { totals } = summarise(checkGraph(buildGraph(network, { flavor: "torchvision" })));
    assert.deepEqual([network, totals.trainable], [network, trainable]);
  }
});

test("V3's hidden layer before the classifier: Keras scales it only above alpha 1, torchvision always", () => {
  const hidden = (network: NetworkName, options: ModelOptions) =>
    buildGraph(network, options).nodes.find(({ name }) => name === "conv_2")?.shape[3];
  assert.equal(hidden("mobilenet_v3_small", {}), 1024);
  assert.equal(hidden("mobilenet_v3_large", {}), 1280);
  assert.equal(hidden("mobilenet_v3_small", { alpha: 0.75 }), 1024);
  assert.equal(hidden("mobilenet_v3_small", { alpha: 0.75, flavor: "torchvision" }), 768);
});
