import { WeightsError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { acceptsOf, buildGraph, defaultFlavor, type NetworkName } from "../../models/networks.ts";
import { type Flavor, flavorsIn, type ModelOptions } from "../../models/options.ts";
import { formatShape, sameShape, type Tensor } from "../../tensor.ts";
import type { Reader, Wanted } from "../format.ts";
import { type Hints, identify } from "../match/identify.ts";
import { bareShape, layersWithWeights } from "../match/layer-weights.ts";
import { type Metadata, readMetadata } from "../metadata.ts";
import { chosenOutput } from "../outputs.ts";
import type { WeightFile } from "../weight-file.ts";
import { decode, loadWire, type Wire } from "./codec.ts";
import { dequantised, isCalibrated, NOT_CUT } from "./dequantise.ts";
import {
  classifierOf,
  type Entry,
  endsPlainly,
  entryOf,
  exitOf,
  inputShapeOf,
  isUnit,
  momentsOf,
  scales,
} from "./ends.ts";
import { withExternalData } from "./external.ts";
import { layersOf, type OnnxLayer } from "./layers.ts";
import { misfitOf } from "./misfit.ts";
import { type ModelProto, modelProto } from "./schema.ts";
import { OnnxView } from "./view.ts";
import { METADATA_PREFIX } from "./write.ts";

/**
 * Reads the ONNX model of a MobileNet, from us or from PyTorch's and Keras' exporters, with or without folded batch norms,
 * in float32 or with 16-bit floats. The layers identify the network; paddings, epsilons and activations identify the
 * library. The result computes what the file computes: a file without softmax gives a network without softmax.
 *
 * @throws WeightsError if the file is damaged or not such a network, or protobufjs is not installed
 */
export const readOnnx: Reader = async (bytes, where, readCompanion, wanted = {}) => {
  const {
    graph,
    metadataProps,
    opsetImport,
    producerName = "",
  } = parse(await loadWire("read ONNX files"), bytes, where);
  if (!graph) throw new WeightsError({ where, found: "an ONNX model without a graph" });
  const own = metadataProps.flatMap(({ key = "", value }) =>
    key.startsWith(METADATA_PREFIX) ? [[key.slice(METADATA_PREFIX.length), value]] : [],
  );
  const metadata = await readMetadata(Object.fromEntries(own), where);
  const { index, notes } = chosenOutput(
    graph.output.map(({ name = "" }) => name),
    wanted.output,
    where,
  );
  // The chosen output comes first: the code below uses the first.
  const output = graph.output.slice(index).concat(graph.output.slice(0, index));
  const complete = await withExternalData({ ...graph, output }, where, readCompanion);
  const { version } = opsetImport.find(({ domain = "" }) => domain === "" || domain === "ai.onnx") ?? {};
  const view = new OnnxView(dequantised(complete, where), where, version);
  if (metadata.graph) return { ...metadata, tensors: inOrder(metadata.graph, layersOf(view, true), where) };
  if (metadata.network) return ofOurs(metadata, metadata.network, layersOf(view), where);
  const calibrated = isCalibrated(complete);
  const withNotes = (file: WeightFile): WeightFile => {
    const all = [...(notes ?? []), ...(file.notes ?? [])];
    return { ...metadata, ...file, ...(all.length > 0 && { notes: all }) };
  };
  try {
    const file = ofOthers(view, layersOf(view), producerName, wanted);
    return withNotes(calibrated ? { ...file, notes: [NOT_CUT] } : file);
  } catch (error) {
    if (!(error instanceof WeightsError) || wanted.network) throw error;
    const { ofItsOwn } = await import("./own-graph.ts");
    const { flavor } = wanted.options ?? {};
    const flavors = flavor ? [flavor] : flavorsOf(producerName);
    const cut = calibrated ? new OnnxView(dequantised(complete, where, true), where, version) : undefined;
    return withNotes(ofItsOwn(view, cut, flavors, wanted, error));
  }
};

function parse(wire: Wire, bytes: Uint8Array, where: string): ModelProto {
  try {
    return decode(wire, modelProto, bytes) as ModelProto;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError(
      { where, found: `no ONNX model, or a damaged one (${reason})`, hint: "is the file complete?" },
      { cause },
    );
  }
}

/** Reads a network that the metadata name; its batch norms may be folded. */
function ofOurs(metadata: Metadata, network: NetworkName, layers: readonly OnnxLayer[], where: string): WeightFile {
  const { options = {} } = metadata;
  const { tensors } = identify(
    layers,
    { flavors: [options.flavor ?? defaultFlavor(network)], networks: [network], options },
    where,
  );
  return { ...metadata, tensors };
}

/** The weights of exactly the graph that was written, by order. */
function inOrder(graph: Graph, layers: readonly OnnxLayer[], where: string): Record<string, Tensor> {
  const nodes = layersWithWeights(graph);
  const tensors: Record<string, Tensor> = {};
  nodes.forEach(({ name }, i) => {
    for (const [weight, { data, shape }] of Object.entries(layers[i]?.tensors ?? {})) {
      const spec = graph.params[`${name}/${weight}`];
      if (!spec || !sameShape(bareShape(spec.shape), bareShape(shape))) {
        throw new WeightsError({
          where: `${where}: ${name}`,
          found: `${weight} of shape ${formatShape(shape)}`,
          expected: spec ? formatShape(spec.shape) : "none",
          hint: "was the model changed after this package wrote it?",
        });
      }
      tensors[`${name}/${weight}`] = { data, shape: spec.shape };
    }
  });
  return tensors;
}

/** Reads a network that an exporter wrote. */
function ofOthers(view: OnnxView, layers: readonly OnnxLayer[], producer: string, wanted: Wanted): WeightFile {
  const entry = entryOf(view, layers[0]);
  const exit = exitOf(view);
  const { activation, pooling } = exit;
  const { flavor, alpha } = wanted.options ?? {};
  const hints: Hints = {
    flavors: flavor ? [flavor] : flavorsOf(producer),
    networks: wanted.network && [wanted.network],
    options: { inputShape: inputShapeOf(entry, view.where), includePreprocessing: false, alpha },
    misfit: (graph) => misfitOf(graph, view, layers),
  };
  const file = identify(layers, hints, view.where);
  const { includePreprocessing, ...options } = file.options ?? {};
  const classifier =
    file.network && options.includeTop !== false ? classifierOf(buildGraph(file.network, file.options)) : null;
  if (!endsPlainly(view, layers[layers.length - 1], exit, classifier)) {
    const found = `the layers of ${file.network}, with other operators around the last one`;
    throw new WeightsError({ where: view.where, found, hint: "load it by the file alone, without naming a network" });
  }
  const known: ModelOptions = {
    ...options,
    ...(options.includeTop === false ? { pooling } : { classifierActivation: activation }),
  };
  if (!file.network || !options.flavor || !acceptsOf(file.network, options.flavor).includePreprocessing) {
    return { ...file, options: known, preprocessing: statisticsOf(entry) };
  }
  // Keras' V3 may begin with a layer that rescales.
  return isRescaling(entry)
    ? { ...file, options: { ...known, includePreprocessing: true } }
    : { ...file, options: { ...known, includePreprocessing: false }, preprocessing: statisticsOf(entry) };
}

/** The possible flavours of a file; those of the exporter's library come first. */
function flavorsOf(producer: string): readonly Flavor[] {
  const [torch, tensorflow] = [flavorsIn("pytorch"), flavorsIn("tensorflow")];
  return /torch/i.test(producer) ? [...torch, ...tensorflow] : [...tensorflow, ...torch];
}

/** Whether an entry is the first layer of Keras' V3: 0..255 to -1..1. */
function isRescaling({ scale, offset }: Entry): boolean {
  return scale.every((s) => Math.abs(s * 127.5 - 1) < 1e-3) && offset.every((o) => Math.abs(o + 1) < 1e-3);
}

/**
 * The file's own normalisation as preprocessing: `x * scale + offset` is `(x - mean) / std`. Files take samples of 0..255,
 * or of 0..1 if their statistics are that small.
 */
function statisticsOf(entry: Entry): Partial<Preprocessing> | undefined {
  if (!scales(entry)) return undefined;
  const all = momentsOf(entry);
  const unit = isUnit(entry) ? 255 : 1;
  return { mean: all.map(({ mean }) => mean * unit), std: all.map(({ std }) => std * unit) };
}
