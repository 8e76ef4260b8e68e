import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import { buildGraph, type NetworkName, networkNames, optionsOf } from "../../models/networks.ts";
import { type Flavor, flavors, type ModelOptions } from "../../models/options.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../../tensor.ts";
import { type Hints, identify } from "./identify.ts";
import { bareShape, kindOf, type LayerWeights, layersWithWeights } from "./layer-weights.ts";

const counting = (shape: Shape): Tensor =>
  tensor(
    shape,
    new Float32Array(sizeOf(shape)).map((_, i) => i + 1),
  );

/** A network's layers as in a foreign file: with other names and any weights. */
function layersOf(network: NetworkName, options: ModelOptions): LayerWeights[] {
  const graph = buildGraph(network, options);
  return layersWithWeights(graph).map((node, i) => {
    const params = node.inputs.filter((input) => input in graph.params);
    return {
      name: `layer ${i}`,
      kind: kindOf(node),
      tensors: Object.fromEntries(
        params.map((param) => [param.slice(node.name.length + 1), counting(graph.params[param].shape)]),
      ),
    };
  });
}

/** The same with folded norms: convolutions before norms get a bias, and norms are removed. */
function folded(layers: readonly LayerWeights[]): LayerWeights[] {
  return layers.flatMap((layer, i) => {
    if (layer.kind === "norm") return [];
    const beta = layers[i + 1]?.kind === "norm" ? layers[i + 1].tensors.beta : undefined;
    return [beta ? { ...layer, tensors: { ...layer.tensors, bias: beta } } : layer];
  });
}

const find = (layers: readonly LayerWeights[], hints: Hints) => identify(layers, hints, "x.pb");

const variants = networkNames.flatMap((network) =>
  flavors.flatMap((flavor): [NetworkName, Flavor][] => {
    try {
      optionsOf(network, { flavor });
      return [[network, flavor]];
    } catch {
      return [];
    }
  }),
);

for (const [network, flavor] of variants) {
  test(`knows ${network} of flavor ${flavor} by order and shapes, at any width, with and without its head`, () => {
    for (const alpha of [0.25, 0.6]) {
      for (const head of [{ classes: 7 }, { includeTop: false }]) {
        const options = { flavor, alpha, ...head, inputShape: [64, 64, 1] } as const;
        const { network: found, options: as, tensors } = find(layersOf(network, options), { flavors: [flavor] });
        assert.equal(found, network);
        assert.equal(as?.flavor, flavor);
        assert.equal(as?.includeTop ?? true, !("includeTop" in head));
        assert.deepEqual(as?.inputShape?.[2], 1);
        // Widths that round to the same channels are one network: only the parameters count.
        const { params } = buildGraph(network, options);
        assert.deepEqual(Object.keys(tensors).sort(), Object.keys(params).sort());
        for (const [name, { shape }] of Object.entries(params)) assert.deepEqual(tensors[name], counting(shape), name);
      }
    }
  });
}

test("published widths are told exactly", () => {
  for (const alpha of [0.25, 0.35, 0.5, 0.75, 1, 1.3, 1.4]) {
    assert.equal(find(layersOf("mobilenet_v2", { alpha }), { flavors: ["keras"] }).options?.alpha, alpha);
  }
});

test("a dense layer and a 1x1 convolution are the same", () => {
  const layers = layersOf("mobilenet_v3_small", { classes: 3 });
  const bare = layers.map((layer) => ({
    ...layer,
    tensors: Object.fromEntries(
      Object.entries(layer.tensors).map(([name, { data, shape }]) => [name, { data, shape: bareShape(shape) }]),
    ),
  }));
  const { tensors } = find(bare, { flavors: ["keras"] });
  assert.deepEqual(tensors["logits/kernel"], counting([1, 1, 1024, 3]));
});

test("folded norms come back as norms that change nothing but add the bias", () => {
  const layers = layersOf("mobilenet_v1", { alpha: 0.25, classes: 3 });
  const { network, tensors } = find(folded(layers), { flavors: ["keras"] });
  assert.equal(network, "mobilenet_v1");
  const fill = (x: number) => tensor([8], new Float32Array(8).fill(x));
  assert.deepEqual(tensors["conv1_bn/gamma"], fill(1));
  assert.deepEqual(tensors["conv1_bn/moving_mean"], fill(0));
  // With Keras' epsilon of 0.001 added, the root is 1.
  assert.deepEqual(tensors["conv1_bn/moving_variance"], fill(0.999));
  assert.deepEqual(tensors["conv1_bn/beta"], counting([8]));
  assert.deepEqual(tensors["conv_preds/bias"], counting([3]));
});

test("where several fit, the first flavour is taken, and what the caller knows counts", () => {
  const layers = layersOf("mobilenet_v2", { classes: 3 });
  const flavor = (...order: Flavor[]) => find(layers, { flavors: order }).options?.flavor;
  assert.equal(flavor("keras", "torchvision"), "keras");
  assert.equal(flavor("torchvision", "keras"), "torchvision");
  const small = layersOf("mobilenet_v3_small", { classes: 3, minimalistic: true });
  assert.equal(find(small, { flavors: ["timm", "keras"] }).options?.minimalistic, true);
  const odd = layersOf("mobilenet_v1", { alpha: 0.33, classes: 3 });
  assert.throws(() => find(odd, { flavors: ["keras"] }), WeightsError);
  assert.equal(find(odd, { flavors: ["keras"], options: { alpha: 0.33 } }).options?.alpha, 0.33);
  assert.throws(() => find(layers, { flavors: ["keras"], networks: ["mobilenet_v1"] }), WeightsError);
});

test("layers of no network are refused with how far the nearest one got", () => {
  const refused = (layers: readonly LayerWeights[], message: RegExp) =>
    assert.throws(
      () => find(layers, { flavors: ["keras"] }),
      (error: unknown) => error instanceof WeightsError && message.test(error.message),
      `${message}`,
    );
  const layers = layersOf("mobilenet_v2", { classes: 3 });
  refused([], /x\.pb: 0 layers with weights that are no network of ours/);
  refused(layers.slice(0, -3), /no network of ours, expected the layers of mobilenet_v1, mobilenet_v2/);
  const changed = [...layers];
  changed[20] = { ...changed[20], tensors: { kernel: counting([1, 1, 5, 5]) } };
  refused(changed, /the first 20 fit mobilenet_v2, "layer 20" does not/);
  const swapped = [...layers];
  [swapped[2], swapped[3]] = [swapped[3], swapped[2]];
  refused(swapped, /no network of ours/);
  const rgba = [{ ...layers[0], tensors: { kernel: counting([3, 3, 4, 32]) } }, ...layers.slice(1)];
  refused(rgba, /no network of ours/);
});
