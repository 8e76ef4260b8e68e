import { OptionError } from "../../errors.ts";
import { isConvolution } from "../../graph/ops.ts";
import { buildGraph, type NetworkName, networkNames, variantsOf } from "../../models/networks.ts";
import type { Flavor, ModelOptions } from "../../models/options.ts";
import { type LayerWeights, layersWithWeights } from "../match/layer-weights.ts";
import type { Candidate } from "./model.ts";
import type { LayersByOp } from "./store.ts";

/**
 * The orders that layers, known class by class, would have in networks of as many of each class. The width of a network
 * changes none of its classes.
 * @param more there are layers of a head besides, which come after the network's
 */
export function arrangements(layers: LayersByOp, flavors: readonly Flavor[], more = false): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const flavor of flavors) {
    for (const network of networkNames) {
      for (const variant of variantsOf(network, flavor)) {
        for (const includeTop of more ? [false] : [true, false]) {
          const ops = opsWithWeights(network, { ...variant, flavor, includeTop });
          const ordered = ops && arrange(layers, ops, more);
          if (ordered) candidates.push({ layers: ordered, flavors: [flavor], networks: [network] });
        }
      }
    }
  }
  return candidates;
}

/** Undefined for options that the network does not have. */
function opsWithWeights(network: NetworkName, options: ModelOptions): readonly string[] | undefined {
  try {
    return layersWithWeights(buildGraph(network, options)).map(({ op }) => op);
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

/** Undefined unless there are exactly as many layers of each op; of ops that a head has, perhaps more. */
function arrange(layers: LayersByOp, ops: readonly string[], more: boolean): readonly LayerWeights[] | undefined {
  const total = [...layers.values()].reduce((sum, { length }) => sum + length, 0);
  if (more ? total <= ops.length : total !== ops.length) return undefined;
  const taken = new Map<string, number>();
  const ordered: LayerWeights[] = [];
  for (const op of ops) {
    const i = taken.get(op) ?? 0;
    taken.set(op, i + 1);
    const layer = layers.get(op)?.[i];
    if (!layer) return undefined;
    ordered.push(layer);
  }
  const spare = [...layers].some(([op, { length }]) => isConvolution({ op }) && length > (taken.get(op) ?? 0));
  return spare ? undefined : ordered;
}
