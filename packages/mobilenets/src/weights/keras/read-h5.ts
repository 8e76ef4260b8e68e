import { WeightsError } from "../../errors.ts";
import type { Flavor } from "../../models/options.ts";
import { listNames } from "../../show.ts";
import { openHdf5 } from "../containers/hdf5/hdf5.ts";
import type { JsonObject } from "../containers/json.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import type { Reader, Wanted } from "../format.ts";
import type { LayerWeights } from "../match/layer-weights.ts";
import type { WeightFile } from "../weight-file.ts";
import { arrangements } from "./arrange.ts";
import { namesIn, noteOnFronts } from "./fronts.ts";
import { MODEL_CLASSES } from "./layer.ts";
import { legacyGroup, listOf, readLegacyLayers, tracesOfLegacy } from "./legacy.ts";
import { type Candidate, kerasFlavors, modelOfConfig, modelOfLayers } from "./model.ts";
import { modelWithHead, type OwnHead, ownHeadOfAttributes, ownHeadOfList, ownHeadOfStore } from "./own-head.ts";
import { settleFlavor, type Traces } from "./settle-flavor.ts";
import { layersByConfig, layersByOp, storeOf, tracesOfStore } from "./store.ts";
import type { WeightTree } from "./weight-tree.ts";

/** Deepest JSON. A nested model takes four levels, a tensor's history in a layer's arguments nine. */
const MAX_DEPTH = 64;

/**
 * Reads an HDF5 file that Keras wrote: weights in the older format or in that of Keras 3, or a whole model in the older
 * one. Layers match by order, not by name, as in Keras: published files are older than renamed layers.
 *
 * @throws WeightsError for a file that is damaged, not written by Keras, or without a MobileNet
 */
export const readKerasH5: Reader = async (bytes, where, _readBytes, wanted = {}) => {
  const root = openHdf5(bytes, where);
  const config = root.texts("model_config")?.[0];
  return modelOf(root, config === undefined ? undefined : parseConfig(config, where), wanted, where);
};

/** @throws WeightsError for an invalid config */
export function parseConfig(text: string, where: string): unknown {
  try {
    return parseStrictJson(text, MAX_DEPTH);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError({ where, found: `a model config that is not acceptable JSON (${reason})` }, { cause });
  }
}

/**
 * Builds the model from a file's weights, and its config if there is one. An unsupported config, or one of another
 * network, does not prevent loading the weights into a network that the caller names.
 */
export async function modelOf(root: WeightTree, config: unknown, wanted: Wanted, where: string): Promise<WeightFile> {
  const layers = await layersOf(root, where);
  if (config !== undefined && !isOwnClass(config)) {
    try {
      const model = modelOfConfig(config, await layers.inOrderOf(config), where, wanted);
      if (model.network || !wanted.network) return model;
    } catch (error) {
      if (!wanted.network || !(error instanceof WeightsError)) throw error;
    }
  }
  const file = await ofWeightsAlone(layers, wanted, where);
  const said = noteOnFronts(layers.names, file);
  return said.length > 0 ? { ...file, notes: [...(file.notes ?? []), ...said] } : file;
}

/** Whether a config is that of a custom class, whose layers are in code. */
function isOwnClass(config: unknown): boolean {
  const { class_name: kind, config: options } = (config ?? {}) as JsonObject;
  const layers = (options as JsonObject | null | undefined)?.layers;
  return typeof kind === "string" && !MODEL_CLASSES.includes(kind) && layers === undefined;
}

/** Builds a model from layers without a config: one of our networks, or one with a custom head. */
async function ofWeightsAlone(layers: Layers, wanted: Wanted, where: string): Promise<WeightFile> {
  try {
    return await settled(layers.candidates, layers.traces, wanted, where);
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    const own = await layers.ownHead();
    if (!own || own.candidates(flavorsOf(wanted)).length === 0) throw error;
    // The caller's head options do not apply to the network.
    const { classes: _, classifierActivation: __, dropout: ___, includeTop: ____, ...options } = wanted.options ?? {};
    const candidates = async (flavors: readonly Flavor[]) => own.candidates(flavors);
    const base = await settled(candidates, own.traces, { ...wanted, options }, where);
    return modelWithHead(own, base, wanted, where);
  }
}

/** Finds the network by its shapes, and the flavour by other evidence, or assumes it with a note. */
async function settled(
  candidates: Layers["candidates"],
  traces: Traces,
  wanted: Wanted,
  where: string,
): Promise<WeightFile> {
  const file = modelOfLayers(await candidates(flavorsOf(wanted)), wanted, where);
  if (wanted.options?.flavor) return file;
  const { inputShape = file.options?.inputShape } = wanted.options ?? {};
  const found = settleFlavor({ ...file, options: { ...file.options, inputShape } }, traces, kerasFlavors);
  if (found?.note) return { ...file, notes: [found.note] };
  if (!found || found.flavor === file.options?.flavor) return file;
  const { flavor } = found;
  const told: Wanted = { network: file.network, options: { ...wanted.options, flavor } };
  return modelOfLayers(await candidates([flavor]), told, where);
}

/** The layers with weights of either format, in the order of a config, or in possible orders without one. */
interface Layers {
  inOrderOf(config: unknown): Promise<readonly LayerWeights[]>;
  candidates(flavors: readonly Flavor[]): Promise<readonly Candidate[]>;
  readonly traces: Traces;
  /** Names of all layers that the file lists, except those of nested models. */
  readonly names: readonly string[];
  /** The layers of a network and a head; undefined if no network can be among them. */
  ownHead(): Promise<OwnHead | undefined>;
}

async function layersOf(root: WeightTree, where: string): Promise<Layers> {
  const legacy = legacyGroup(root);
  if (legacy) {
    const layers = await readLegacyLayers(legacy, where);
    return {
      inOrderOf: async () => layers,
      candidates: async (flavors) => [{ layers, flavors }],
      traces: tracesOfLegacy(root, legacy),
      names: listOf(legacy, "layer_names") ?? [],
      ownHead: async () => ownHeadOfList(layers, tracesOfLegacy(root, legacy)),
    };
  }
  const store = storeOf(root);
  if (store) {
    return {
      inOrderOf: (config) => layersByConfig(store, config, where),
      candidates: async (flavors) => arrangements(await layersByOp(store, where), flavors),
      traces: tracesOfStore(store),
      names: namesIn(store),
      ownHead: async () => (await ownHeadOfAttributes(root, where)) ?? ownHeadOfStore(store, where),
    };
  }
  throw new WeightsError({
    where,
    found: "HDF5 that holds no Keras layers",
    expected: "a list layer_names or a group layers",
    hint: root.names.length > 0 ? `its groups are ${listNames(root.names)}` : "it has no groups at all",
  });
}

/** Without a config, V1 and V2 of Keras and of the article have the same shapes; those of keras.applications are likelier. */
function flavorsOf({ options }: Wanted): readonly Flavor[] {
  return [...new Set([...(options?.flavor ? [options.flavor] : []), ...kerasFlavors])];
}
