import { rescaling } from "../../graph/ops/rescaling.ts";
import { activationOf, is } from "../../graph/ops.ts";
import { acceptsOf, buildGraph, defaultFlavor } from "../../models/networks.ts";
import { listNames, show } from "../../show.ts";
import type { WeightFile } from "../weight-file.ts";
import { storeOf } from "./store.ts";
import type { WeightTree } from "./weight-tree.ts";

/** Layers that change pictures, by Keras' names; older files also have TensorFlow's functions. */
const PREPARES =
  /^(normalization|rescaling|resizing|center_crop|true_divide|divide|subtract|negative|auto_contrast|solarization|equalization|lambda|tf_op_lambda|tf\.(math|__operators__)\..+)$/;

/** The layers of a hard sigmoid in Keras 2. */
const OF_HARD_SIGMOIDS = /^(tf_op_lambda|tf\.__operators__\.add|tf\.math\.multiply)$/;

/**
 * A note for a weights-only file that lists layers in front of its network. They have no weights, and such a file does
 * not say what they do.
 * @param names names of the layers beside the network, or of all layers
 */
export function noteOnFronts(names: readonly string[], file: WeightFile): readonly string[] {
  const bends = hasHardSigmoids(file);
  const found = names.filter((name) => {
    const bare = name.replace(/_\d+$/, "");
    return PREPARES.test(bare) && !(bends && OF_HARD_SIGMOIDS.test(bare));
  });
  // One rescaling belongs to the network.
  const own = rescales(file) ? found.findIndex((name) => /^rescaling/.test(name)) : -1;
  const fronts = found.filter((_, i) => i !== own);
  if (fronts.length === 0) return [];
  const which = fronts.length === 1 ? "a layer" : "layers";
  return [
    `the file lists ${which} ${listNames(fronts.map(show))}, and a weights-only file does not say what ${fronts.length === 1 ? "it does" : "they do"}: ` +
      "pictures are prepared as for the network (option preprocessing); a whole model saved as .keras says it",
  ];
}

/** Whether the network itself may begin with a rescaling, as Keras' V3 does. */
function rescales({ network, options, graph }: WeightFile): boolean {
  if (graph) return graph.nodes.some((node) => is(node, rescaling));
  return (
    network !== undefined && acceptsOf(network, options?.flavor ?? defaultFlavor(network)).includePreprocessing === true
  );
}

function hasHardSigmoids({ network, options, graph = network && buildGraph(network, options) }: WeightFile): boolean {
  return graph?.nodes.some((node) => ["hard_sigmoid", "hard_swish"].includes(activationOf(node) ?? "")) ?? false;
}

/** Names of a store's layers, without those of nested models. */
export function namesIn(store: WeightTree): readonly string[] {
  return store.names.filter((name) => !storeOf(store.get(name) as WeightTree));
}
