import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "../../packages/mobilenets/src/graph/graph.ts";
import { opOf } from "../../packages/mobilenets/src/graph/ops.ts";
import { summarise } from "../../packages/mobilenets/src/graph/summary.ts";
import { buildGraph, type NetworkName } from "../../packages/mobilenets/src/models/networks.ts";
import { type Case, checkCase, readGolden, title } from "./golden.ts";

/** All parameters, and the trainable ones. */
type Counts = readonly [all: number, trainable: number];

interface KerasCase extends Case {
  readonly params: Counts;
  /** Name of Keras' last layer. */
  readonly output: string;
}

interface Layers {
  /** Per layer or anonymous op, in Keras' order: name, class with its activation function, output shape. */
  readonly listings: readonly (Pick<Case, "network" | "options"> & { readonly layers: readonly string[] })[];
  /** By width multiplier, other options as by default. */
  readonly params: Readonly<Record<NetworkName, readonly (readonly [alpha: number, ...Counts])[]>>;
}

const { cases, seed } = readGolden<{ readonly cases: readonly KerasCase[] }>("keras-outputs.json");
const { listings, params } = readGolden<Layers>("keras-layers.json");

for (const golden of cases) {
  test(`Keras computes the same: ${title(golden)}`, async () => {
    const graph = buildGraph(golden.network, golden.options);
    assert.deepEqual(graph.outputs, [golden.output]);
    assert.deepEqual(counts(golden), golden.params);
    await checkCase(golden, seed);
  });
}

for (const listing of listings) {
  test(`Keras has the same layers: ${title(listing)}`, () => {
    const { nodes } = buildGraph(listing.network, listing.options);
    const article = listing.options.flavor === "article";
    const ours = nodes.map((node) => `${node.name} ${kind(node, article)} ${node.shape.slice(1).join("x")}`);
    assert.deepEqual(ours, asOurs(listing.layers));
  });
}

for (const [network, rows] of Object.entries(params)) {
  test(`Keras' ${network} has as many parameters at every width`, () => {
    const ours = rows.map(([alpha]) => [alpha, ...counts({ network: network as NetworkName, options: { alpha } })]);
    assert.deepEqual(ours, rows);
  });
}

function counts({ network, options }: Pick<Case, "network" | "options">): Counts {
  const { totals } = summarise(buildGraph(network, options));
  return [totals.params, totals.trainable];
}

/** `Activation:hard_swish`, `Conv2D`. The article writes `Activation(relu6)` where keras.applications has ReLU. */
function kind(node: Node, article: boolean): string {
  const { activation = "linear" } = node.attrs as { activation?: string };
  const layer = opOf(node).layer(node.attrs);
  return (article && layer === "ReLU" ? "Activation" : layer) + (activation === "linear" ? "" : `:${activation}`);
}

/**
 * Keras' list as ours should read. There are two differences, and no other: the input is a layer in Keras and none in
 * our graph; a hard sigmoid is three ops in Keras, `add`, `re_lu` and `multiply`, and one Activation of ours that
 * bears the last one's name.
 */
function asOurs(layers: readonly string[]): string[] {
  const [input, ...rest] = layers;
  assert.match(input, /^input_layer InputLayer /);
  const ours: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    if (/^add(_\d+)? Add 1x1x\d+$/.test(rest[i])) {
      assert.match(rest[i + 1], /^re_lu(_\d+)? ReLU:relu6 1x1x\d+$/);
      assert.match(rest[i + 2], /^multiply(_\d+)? Multiply 1x1x\d+$/);
      ours.push(rest[i + 2].replace(" Multiply ", " Activation:hard_sigmoid "));
      i += 2;
    } else {
      ours.push(rest[i]);
    }
  }
  return ours;
}
