import { sizeOf } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import { importedOps } from "./imported-ops.ts";
import { type LayerSummary, layerSummaries, sumOf } from "./layer-summaries.ts";

/** A network with its sizes and costs. */
export interface Summary {
  readonly totals: { readonly params: number; readonly trainable: number; readonly macs: number };
  readonly layers: readonly LayerSummary[];
}

/** Layers with their sizes and costs. MACs count convolutions, squeeze-and-excite and the classifier. */
export function summarise(graph: Graph): Summary {
  const layers = layerSummaries(graph, importedOps);
  const specs = Object.values(graph.params);
  return {
    totals: {
      params: sumOf(specs.map(({ shape }) => sizeOf(shape))),
      trainable: sumOf(specs.map(({ shape, trainable }) => (trainable ? sizeOf(shape) : 0))),
      macs: sumOf(layers.map((layer) => layer.macs)),
    },
    layers,
  };
}
