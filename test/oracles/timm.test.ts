import assert from "node:assert/strict";
import { test } from "node:test";
import { summarise } from "../../packages/mobilenets/src/graph/summary.ts";
import { buildGraph, type NetworkName } from "../../packages/mobilenets/src/models/networks.ts";
import { type Case, checkCase, readGolden, title } from "./golden.ts";

interface Golden {
  readonly cases: readonly Case[];
  /** Trainable parameters by width multiplier, 1000 classes. */
  readonly trainable: Readonly<Record<NetworkName, readonly [alpha: number, parameters: number][]>>;
}

const { cases, trainable, seed } = readGolden<Golden>("timm-outputs.json");

for (const golden of cases) {
  test(`timm computes the same: ${title(golden)}`, () => checkCase(golden, seed));
}

for (const [network, rows] of Object.entries(trainable)) {
  test(`timm's ${network} has as many parameters at every width`, () => {
    const ours = rows.map(([alpha]) => {
      const graph = buildGraph(network as NetworkName, { flavor: "timm", alpha });
      return [alpha, summarise(graph).totals.trainable];
    });
    assert.deepEqual(ours, rows);
  });
}
