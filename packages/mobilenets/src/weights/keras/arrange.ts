import { OptionError } from "../../errors.ts";
import { isConvolution } from "../../graph/ops.ts";
import { buildGraph, type NetworkName, networkNames, variantsOf } from "../../models/networks.ts";
import type { Flavor, ModelOptions } from "../../models/options.ts";
import { type LayerWeights, layersWithWeights } from "../match/layer-weights.ts";
import type { Candidate } from "./model.ts";
import type { LayersByOp } from "./store.ts";

/**
 * The possible orders of layers known by class: those of our networks with the same number of each class. A network's
 * width does not change its classes.
 * @param more whether layers of a head follow the network's
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

/** The ops of a network's layers with weights; undefined for options that the network does not have. */
function opsWithWeights(network: NetworkName, options: ModelOptions): readonly string[] | undefined {
  try {
    return layersWithWeights(buildGraph(network, options)).map(({ op }) => op);
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

/** Arranges layers by ops; undefined unless each op has exactly the right number, or more if a head may have it. */
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
