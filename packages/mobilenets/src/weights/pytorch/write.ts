import { WeightsError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { acceptsOf, buildGraph, defaultFlavor, flavorsOf, type NetworkName, optionsOf } from "../../models/networks.ts";
import type { Flavor, ResolvedOptions } from "../../models/options.ts";
import { formatShape, type Shape, sameShape, type Tensor, type TensorData } from "../../tensor.ts";
import type { OutputFile } from "../format.ts";
import { bareShape } from "../match/layer-weights.ts";
import { writeMetadata } from "../metadata.ts";
import { timmModules } from "../names/timm.ts";
import { toTorch } from "../names/torch-layout.ts";
import type { TorchModule } from "../names/torch-module.ts";
import { torchvisionModules } from "../names/torchvision.ts";
import type { WritableModel } from "../safetensors/model-file.ts";
import { writeSafetensors } from "../safetensors/safetensors.ts";
import { torchvision } from "./namings.ts";
import { numericsOf } from "./numerics.ts";
import { timmCall } from "./timm-call.ts";

/**
 * Writes a state dict for torchvision's MobileNetV2 or V3, as safetensors: `load_state_dict(load_file(path))`.
 * @throws WeightsError for a network that torchvision does not compute the same way
 */
export function writeTorchvision(model: WritableModel): OutputFile {
  const { network, options, graph } = networkOf(model, "torchvision");
  if (!flavorsOf(network).includes("torchvision")) {
    throw refuse("torchvision", network, "a network that torchvision has");
  }
  const { inputShape, alpha, classes } = options;
  if (inputShape[2] !== 3) throw refuse("torchvision", "a grey network", "3 input channels");
  checkShapes("torchvision", network, options, graph, torchvisionModules, "torchvision");
  const { padding, epsilon } = numericsOf(graph, "torchvision");
  const { epsilon: expected } = numericsOf(buildGraph(network, { flavor: "torchvision" }), "torchvision");
  if (padding !== "symmetric" || epsilon !== expected) {
    throw refuse(
      "torchvision",
      `a network that pads ${padding} and has batch norms of epsilon ${epsilon}`,
      `symmetric and ${expected}, as torchvision computes`,
      "no weights can make up for that: write timm-safetensors or ONNX, whose readers can pad otherwise",
    );
  }
  const args = [
    ...(alpha === 1 ? [] : [`width_mult=${alpha}`]),
    ...(classes === 1000 ? [] : [`num_classes=${classes}`]),
  ];
  const models = torchvision.reluForms?.[network] === options.flavor ? "models.quantization" : "models";
  return stateDict(model, torchvisionModules(graph), `torchvision.${models}.${network}(${args.join(", ")})`);
}

/**
 * Writes a state dict for a MobileNet of timm, as safetensors. Padding and epsilon are options of timm's networks, so
 * those of other flavours load there too; the file's note has the options.
 * @throws WeightsError for a network that timm does not compute the same way
 */
export function writeTimm(model: WritableModel): OutputFile {
  const { network, options, graph } = networkOf(model, "timm");
  // Only ports, which have Keras' widths, can lack squeezes.
  checkShapes("timm", network, options, graph, timmModules, options.minimalistic ? defaultFlavor(network) : "timm");
  return stateDict(model, timmModules(graph), timmCall(network, options, numericsOf(graph, "timm")));
}

function networkOf({ network, options, program }: WritableModel, library: string) {
  if (network) return { network, options: optionsOf(network, options), graph: program.graph };
  const hint = `load it as one: load("mobilenet_v2", { weights: "<the file>" })`;
  throw refuse(library, "a graph that came from a file", "a network of this package", hint);
}

/** Checks shapes: strict loading needs every parameter in the library's shape, and libraries round widths differently. */
function checkShapes(
  library: string,
  network: NetworkName,
  { alpha, classes, includeTop, inputShape, minimalistic }: ResolvedOptions,
  graph: Graph,
  modulesOf: (graph: Graph) => TorchModule[],
  flavor: Flavor,
): void {
  if (minimalistic && !acceptsOf(network, flavor).minimalistic)
    throw refuse(library, "a minimalistic network", `one that ${library} has`);
  const reference = buildGraph(network, { flavor, alpha, classes, includeTop, inputShape, minimalistic });
  const theirs = shapesOf(reference, modulesOf(reference));
  const ours = shapesOf(graph, modulesOf(graph));
  const as = `as ${library}'s ${network} of alpha ${alpha} has it`;
  for (const [name, shape] of theirs) {
    const found = ours.get(name);
    if (!found) throw refuse(library, `no layer for ${name}`, `one of ${formatShape(shape)}, ${as}`);
    if (!sameShape(found, shape)) {
      throw refuse(library, `${name} would be ${formatShape(found)}`, `${formatShape(shape)}, ${as}`);
    }
  }
  if (ours.size !== theirs.size) throw refuse(library, `${ours.size} parameters`, `${theirs.size}, ${as}`);
}

/** Parameters by PyTorch's names, with our shapes except windows of 1x1. */
function shapesOf(graph: Graph, modules: readonly TorchModule[]): Map<string, Shape> {
  return new Map(
    modules.flatMap(({ layer, path, weights }) =>
      weights.map(
        ([ours, theirs]) => [`${path}.${theirs}`, bareShape(graph.params[`${layer}/${ours}`].shape)] as const,
      ),
    ),
  );
}

function stateDict(model: WritableModel, modules: readonly TorchModule[], call: string): OutputFile {
  const { weights } = model.program;
  const state: Record<string, Tensor<TensorData>> = {};
  for (const { layer, kind, path, weights: names } of modules) {
    const linear = path.startsWith("classifier");
    for (const [ours, theirs] of names) {
      state[`${path}.${theirs}`] = toTorch(kind, ours, weights[`${layer}/${ours}`], linear);
    }
    // Strict loading needs the counter too.
    if (kind === "norm") state[`${path}.num_batches_tracked`] = { data: BigInt64Array.of(0n), shape: [] };
  }
  // Hugging Face's libraries refuse PyTorch safetensors without this entry.
  const metadata = { format: "pt", ...writeMetadata(model), open_with: call };
  return { bytes: writeSafetensors(state, metadata), note: `open it with ${call}` };
}

function refuse(library: string, found: string, expected: string, hint?: string): WeightsError {
  return new WeightsError({ where: `${library}-safetensors`, found, expected, hint });
}
