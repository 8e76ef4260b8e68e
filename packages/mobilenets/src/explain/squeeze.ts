import type { Activation } from "../graph/activations.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { importedOps } from "../graph/imported-ops.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { activationOf, is, opOf } from "../graph/ops.ts";
import { sizeOf } from "../tensor.ts";
import { type Costs, sumOf } from "./costs.ts";
import type { Walk } from "./walk.ts";

/**
 * Squeeze-and-excite in a block (Howard et al. 2019, section 5.3). It averages every channel of a map to one number.
 * Two small layers turn the averages into factors. The map is multiplied by its factors.
 */
export interface Squeeze {
  /** The layer from the averages to fewer numbers, and the layer from those to the factors. */
  readonly reduce: string;
  readonly excite: string;
  /** Channels of the map, and the number of squeezed values. */
  readonly channels: number;
  readonly squeezed: number;
  /** The activation between the two layers. */
  readonly activation: Activation;
  /** The activation that makes the factors: `hard_sigmoid` in the paper. */
  readonly gate: Activation;
  /** Numbers of the map that are averaged and multiplied. */
  readonly values: number;
  /** Costs of pooling, both layers, gate and product; products with the factors are no multiply-adds. */
  readonly costs: Costs;
}

/** The squeeze-and-excite that a value passes after the layer `from`; null if there is none. */
export function findSqueeze(
  graph: Graph,
  walk: Walk,
  from: string,
  value: string,
  costs: ReadonlyMap<string, Costs>,
): Squeeze | null {
  for (let node = walk.byName.get(value); node && node.name !== from; node = walk.byName.get(node.inputs[0])) {
    if (!is(node, multiply)) continue;
    const [map, factors] = node.inputs;
    const path = walk.between(map, factors);
    const [pool] = path;
    const layers = path.filter((layer) => opOf(layer, importedOps).macs);
    if (!pool || !is(pool, globalAveragePooling2d) || pool.inputs[0] !== map || layers.length !== 2) continue;
    const [reduce, excite] = layers;
    const members = [...path, node].map(({ name }) => name);
    return {
      reduce: reduce.name,
      excite: excite.name,
      channels: excite.shape[excite.shape.length - 1],
      squeezed: reduce.shape[reduce.shape.length - 1],
      activation: lastActivation(path.slice(0, path.indexOf(excite))),
      gate: lastActivation(path.slice(path.indexOf(excite))),
      values: sizeOf(walk.byName.get(map)?.shape ?? graph.input.shape),
      costs: sumOf(members.map((name) => costs.get(name)!)),
    };
  }
  return null;
}

/** The last activation of some layers: a layer, or fused into one. */
function lastActivation(nodes: readonly Node[]): Activation {
  for (const node of [...nodes].reverse()) {
    const has = activationOf(node) ?? "linear";
    if (has !== "linear") return has;
  }
  return "linear";
}
