import { MobileNetsError, type WeightsError } from "../../errors.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { type NetworkName, optionsOf } from "../../models/networks.ts";
import type { Flavor } from "../../models/options.ts";
import { preprocessingOf } from "../../models/preprocessing.ts";
import { foldBatchNorm } from "../../passes/fold-batch-norm.ts";
import type { Wanted } from "../format.ts";
import { recognise } from "../import/recognise.ts";
import { identify } from "../match/identify.ts";
import type { WeightFile } from "../weight-file.ts";
import { NOT_CUT } from "./dequantise.ts";
import { type Entry, entryOf, inputShapeOf, isUnit, MAX_SIZE, scales } from "./ends.ts";
import { layersOf, type OnnxLayer } from "./layers.ts";
import { misfitOf } from "./misfit.ts";
import { programOf } from "./program.ts";
import type { OnnxView } from "./view.ts";

/**
 * Reads a file that is none of our networks as the graph of its operators: a network with a custom head or width, or an
 * embedding. If it begins as one of our networks does, that network decides the preprocessing, and `includeTop: false`
 * gives its features.
 *
 * @param cut the same file with results clamped to their integers' ranges, if it has such
 * @param flavors flavours of the networks that it may begin with
 * @param reason the error that it is none of our networks
 * @throws WeightsError for unsupported operators; `reason` for a file that does not begin with a convolution
 */
export function ofItsOwn(
  view: OnnxView,
  cut: OnnxView | undefined,
  flavors: readonly Flavor[],
  { options = {} }: Wanted,
  reason: WeightsError,
): WeightFile {
  const layers = orUndefined(() => layersOf(view, true));
  const entry = orUndefined(() => entryOf(view, layers?.[0]));
  // With other layers before the first convolution there is no entry, and the size is the input's.
  const inputShape = options.inputShape ?? (entry ? inputShapeOf(entry, view.where) : declaredShape(view));
  if (!layers || !inputShape) throw reason;
  const base = backboneOf(view, layers, flavors, inputShape);
  const notes = cut ? [NOT_CUT] : undefined;
  if (base && options.includeTop === false) return { ...base, preprocessing: undefined, notes };
  // Arithmetic that is written out, as of GELU, is recognised only where nothing is cut off within.
  const ended = cut && orUndefined(() => programOf(cut, inputShape));
  const program = ended ?? (entry ? programOf(view, inputShape) : orUndefined(() => programOf(view, inputShape)));
  if (!program) throw reason;
  const { graph, weights } = foldBatchNorm(recognise(program));
  const sizeOnly = options.inputShape !== undefined && Object.keys(options).length === 1;
  return {
    graph: base?.network ? { ...graph, name: `${base.network}_headed` } : graph,
    tensors: weights,
    ...(!ended && notes && { notes }),
    ...(sizeOnly && { shaped: true }),
    preprocessing: statisticsFor(entry, base),
    // The flavour decides how pictures fit the input.
    ...(base?.options?.flavor && { options: { flavor: base.options.flavor } }),
  };
}

/** `[height, width, channels]` of the file's input, with channels first or last; undefined if a size is open. */
function declaredShape(view: OnnxView): readonly [number, number, number] | undefined {
  const input = view.graph.input.find(({ name }) => !view.isConstant(name));
  const [, a = 0, b = 0, c = 0] = (input?.type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue ?? 0);
  const fits = (height: number, width: number, channels: number) =>
    (channels === 1 || channels === 3) && [height, width].every((n) => n >= 1 && n <= MAX_SIZE);
  if (fits(b, c, a)) return [b, c, a];
  return fits(a, b, c) ? [a, b, c] : undefined;
}

/** Statistics of a file that scales its pictures itself, for samples 0 to 255 or 0 to 1; otherwise its network's. */
function statisticsFor(entry: Entry | undefined, base: WeightFile | undefined): Partial<Preprocessing> | undefined {
  if (entry && scales(entry)) {
    const { channels } = entry;
    return { mean: Array(channels).fill(0), std: Array(channels).fill(isUnit(entry) ? 255 : 1) };
  }
  if (!base?.network) return undefined;
  const { mean, std } = preprocessingOf(
    optionsOf(base.network, { ...base.options, includePreprocessing: undefined }),
    base.network,
  );
  return { mean, std };
}

/** Most layers with weights from the last depthwise convolution to the end of the features. */
const MAX_TAIL = 8;

/** Our network at the start of the file, with its features' weights. */
function backboneOf(
  view: OnnxView,
  layers: readonly OnnxLayer[],
  flavors: readonly Flavor[],
  inputShape: readonly [number, number, number],
): WeightFile | undefined {
  const last = layers.findLastIndex(({ kind }) => kind === "depthwise");
  for (let end = Math.min(last + MAX_TAIL, layers.length); last >= 0 && end > last + 1; end--) {
    const front = layers.slice(0, end);
    const options = { inputShape, includeTop: false, includePreprocessing: false };
    const found = orUndefined(() =>
      identify(front, { flavors, options, misfit: (graph) => misfitOf(graph, view, front) }, view.where),
    );
    if (found?.options?.includeTop === false) return found as WeightFile & { network: NetworkName };
  }
  return undefined;
}

function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (MobileNetsError.is(error)) return undefined;
    throw error;
  }
}
