import { OptionError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import { is, isConvolution } from "../../graph/ops.ts";
import { windowGeometry } from "../../graph/window.ts";
import { buildGraph, flavorsOf, type NetworkName } from "../../models/networks.ts";
import type { Flavor } from "../../models/options.ts";
import { foldPadding } from "../../passes/fold-padding.ts";
import { formatShape } from "../../tensor.ts";
import type { WeightFile } from "../weight-file.ts";

/** Evidence of the model, besides the weights, in a weights-only file. */
export interface Traces {
  /** Number of listed padding layers; undefined if the file lists no layers without weights. */
  readonly pads?: number;
  /** Names of the layers with weights, if the file has them. */
  readonly names: readonly string[];
  /** Version of Keras, e.g. `3.15.1`. Left out for formats that only newer versions write. */
  readonly keras?: string;
}

/**
 * Finds the flavour of a weights-only file. Keras' V1 and V2 and the article's have the same shapes, but pad differently:
 * Keras has a padding layer before each convolution of stride 2, the article's V1 none, its V2 one more.
 *
 * @param candidates possible flavours; that of `file` is kept without evidence
 * @returns the flavour, and a note if it is assumed; undefined if no other flavour computes something else
 */
export function settleFlavor(
  { network, options = {} }: WeightFile,
  traces: Traces,
  candidates: readonly Flavor[],
): { readonly flavor: Flavor; readonly note?: string } | undefined {
  const { flavor: assumed } = options;
  if (!network || !assumed) return undefined;
  const of = (flavor: Flavor) => buildGraph(network, { ...options, flavor });
  const ours = of(assumed);
  const possible = candidates.filter(
    (flavor) => flavor === assumed || (flavorsOf(network).includes(flavor) && isOther(of, flavor, ours)),
  );
  if (possible.length < 2) return undefined;
  const told = possible.filter((flavor) => fits(of(flavor), traces, possible.map(of)));
  if (told.length === 1 && !isFormer(network, traces)) return { flavor: told[0] };
  const others = possible.filter((flavor) => flavor !== assumed);
  const { inputShape } = options;
  const size = inputShape ? ` at ${formatShape(inputShape.slice(0, 2))} pixels` : "";
  return {
    flavor: assumed,
    note:
      `flavor ${assumed} is assumed for ${network}: the file does not say which, and ${others.join(", ")} computes ` +
      `something else with the same weights${size}; name the network and its flavor to choose`,
  };
}

/** Whether the flavour has the file's options, and computes something else with the same weights. */
function isOther(of: (flavor: Flavor) => Graph, flavor: Flavor, ours: Graph): boolean {
  try {
    return isRival(ours, of(flavor));
  } catch (error) {
    if (error instanceof OptionError) return false;
    throw error;
  }
}

/** Whether two graphs have the same parameters, but different computations. */
function isRival(a: Graph, b: Graph): boolean {
  const shapes = ({ params }: Graph) => Object.values(params).map(({ shape }) => formatShape(shape));
  return shapes(a).join() === shapes(b).join() && paddingsOf(a) !== paddingsOf(b);
}

/** The padding around the input of every convolution, by the convolution or a layer before it. */
function paddingsOf(graph: Graph): string {
  const folded = foldPadding({ graph, weights: {} }).graph;
  const shapes = new Map([folded.input, ...folded.nodes].map(({ name, shape }) => [name, shape]));
  const pads = folded.nodes.flatMap((node) => {
    if (!isConvolution(node)) return [];
    const [, height, width] = shapes.get(node.inputs[0]) ?? [];
    const { top, bottom, left, right } = windowGeometry(height, width, node.attrs).pad;
    return [`${top} ${bottom} ${left} ${right}`];
  });
  return pads.join();
}

const padsOf = ({ nodes }: Graph) => nodes.filter((node) => is(node, zeroPadding2d)).length;

/** Whether a graph's number of padding layers is nearest to the file's; without one, whether it has the head's name. */
function fits(graph: Graph, { pads, names }: Traces, all: readonly Graph[]): boolean {
  if (pads !== undefined) {
    const distance = (other: Graph) => Math.abs(padsOf(other) - pads);
    return all.every((other) => other === graph || distance(graph) <= distance(other));
  }
  const head = graph.nodes.flatMap(({ name, inputs }) => (inputs.some((input) => input in graph.params) ? [name] : []));
  const known = all.some((other) => other.nodes.at(-1)?.name !== graph.nodes.at(-1)?.name);
  return known && names.includes(head[head.length - 1]);
}

/** Networks that old versions of Keras defined as the article does. */
interface Former {
  /** The first version of Keras, `[major, minor]`, with the current definition. */
  readonly until: readonly [number, number];
  /** The classifier's name, and the least number of padding layers. */
  readonly head: string;
  readonly pads: number;
}

const former: Partial<Record<NetworkName, Former>> = {
  mobilenet_v2: { until: [2, 4], head: "Logits", pads: 5 },
};

/** Whether an old Keras wrote the file, whose network had the layers and names of the article's. */
function isFormer(network: NetworkName, { pads, names, keras = "3.0" }: Traces): boolean {
  const was = former[network];
  if (!was) return false;
  const alike = pads === undefined ? names.includes(was.head) : pads >= was.pads;
  const [major, minor] = keras.split(".").map(Number);
  const [untilMajor, untilMinor] = was.until;
  return alike && (major < untilMajor || (major === untilMajor && minor < untilMinor));
}
