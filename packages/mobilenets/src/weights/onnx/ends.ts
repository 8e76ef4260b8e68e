import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { Graph } from "../../graph/graph.ts";
import { dropout } from "../../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { is } from "../../graph/ops.ts";
import { MIN_SIZE } from "../../models/options.ts";
import { layersWithWeights } from "../match/layer-weights.ts";
import type { OnnxLayer } from "./layers.ts";
import type { NodeProto, ValueInfoProto } from "./schema.ts";
import { attributeOf, nodeName, type OnnxView } from "./view.ts";

/** The part between a graph's input and its first convolution. */
export interface Entry {
  /** Undefined if the file leaves the size open. */
  readonly height?: number;
  readonly width?: number;
  readonly channels: number;
  /** A sample x becomes `x * scale + offset`, each one number or one per channel. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** Largest size; a file with a larger one counts as damaged. */
export const MAX_SIZE = 8192;

/** Most layers before the first convolution, or after the classifier, in exports of our networks. */
const MAX_STEPS = 32;

const NCHW_TO = [0, 3, 1, 2];

/** @throws WeightsError unless the file begins with a convolution of its input */
export function entryOf(view: OnnxView, first: OnnxLayer | undefined): Entry {
  const kernel = first?.tensors.kernel?.shape;
  if (!first || kernel?.length !== 4) {
    throw new WeightsError({ where: view.where, found: "no first convolution", expected: "a MobileNet" });
  }
  const channels = kernel[2];
  let [scale, offset] = [[1], [0]];
  let turned = false;
  let value = first.input;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const node = view.maker(value);
    if (!node) return { ...sizeOf(inputOf(view, value), channels, turned), channels, scale, offset };
    const [a = "", b] = node.input;
    const left = view.isConstant(a);
    const constant = left ? a : b;
    switch (node.opType) {
      case "Transpose":
        turned = attributeOf(node, "perm")?.ints.join() === NCHW_TO.join();
        break;
      case "Identity":
      case "Cast":
      case "Pad":
        break;
      case "Mul":
      case "Div":
      case "Add":
      case "Sub": {
        const numbers = view.isConstant(constant) ? numbersOf(view, node, constant, left) : undefined;
        if (!numbers || (numbers.length !== 1 && numbers.length !== channels)) return unknown(view, node);
        if (node.opType === "Add" || node.opType === "Sub") offset = combine(offset, scale, numbers);
        else scale = combine([0], scale, numbers);
        break;
      }
      default:
        return unknown(view, node);
    }
    value = left ? (b ?? "") : a;
  }
  throw new WeightsError({
    where: view.where,
    found: `no input within ${MAX_STEPS} operators of the first convolution`,
  });
}

/** The numbers that a node multiplies by or adds. */
function numbersOf(view: OnnxView, node: NodeProto, constant: string, left: boolean): number[] | undefined {
  const numbers = Array.from(view.floats(constant).data);
  if (node.opType === "Mul" || node.opType === "Add") return numbers;
  if (left) return undefined;
  return numbers.map((n) => (node.opType === "Div" ? 1 / n : -n));
}

/** `base + factor * numbers`, each one number or one per channel. */
function combine(base: readonly number[], factor: readonly number[], numbers: readonly number[]): number[] {
  const at = (values: readonly number[], i: number) => values[values.length === 1 ? 0 : i];
  const length = Math.max(base.length, factor.length, numbers.length);
  return Array.from({ length }, (_, i) => at(base, i) + at(factor, i) * at(numbers, i));
}

function unknown(view: OnnxView, node: NodeProto): never {
  throw new WeightsError({
    where: `${view.where}: ${nodeName(node)}`,
    found: "an operator before the first convolution that neither pads nor scales",
    hint: "export the network alone, without its preprocessing",
  });
}

function inputOf(view: OnnxView, name: string): ValueInfoProto {
  const input = view.graph.input.find((candidate) => candidate.name === name);
  if (input) return input;
  throw new WeightsError({ where: view.where, found: `a first convolution of "${name}", which is not an input` });
}

/** Sizes by the position of the channels; if that is open, by the exporter's usual layout. */
function sizeOf({ type }: ValueInfoProto, channels: number, turned: boolean): { height?: number; width?: number } {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue || undefined);
  if (dims.length !== 4) return {};
  const last = dims[3] === channels && (dims[1] !== channels || turned);
  const [height, width] = last ? [dims[1], dims[2]] : [dims[2], dims[3]];
  return { height, width };
}

export function inputShapeOf({ height = 224, width = 224, channels }: Entry, where: string): [number, number, number] {
  if ([height, width].every((n) => n >= MIN_SIZE && n <= MAX_SIZE)) return [height, width, channels];
  throw new WeightsError({
    where,
    found: `an input of ${height}x${width} pixels`,
    expected: `${MIN_SIZE} to ${MAX_SIZE} each way`,
  });
}

/** Whether the file scales its samples. */
export function scales({ scale, offset }: Entry): boolean {
  return scale.some((s) => s !== 1) || offset.some((o) => o !== 0);
}

/** `x * scale + offset` as `(x - mean) / std`, one pair per channel. */
export function momentsOf({
  scale,
  offset,
  channels,
}: Entry): readonly { readonly mean: number; readonly std: number }[] {
  const at = (values: readonly number[], c: number) => values[values.length === 1 ? 0 : c];
  return Array.from({ length: channels }, (_, c) => {
    const std = 1 / at(scale, c);
    return { mean: -at(offset, c) * std, std };
  });
}

/** Whether samples range from 0 to 1, which small statistics show; otherwise from 0 to 255. */
export function isUnit(entry: Entry): boolean {
  return momentsOf(entry).every(({ mean, std }) => Math.abs(mean) <= 1 && std <= 2);
}

/** The end of a graph: the classifier's activation or, for features, their pooling. */
export interface Exit {
  readonly activation: Activation | null;
  readonly pooling: "avg" | "max" | null;
  /** The value before that. */
  readonly value: string;
}

const POOLING: Readonly<Record<string, Exit["pooling"]>> = {
  GlobalAveragePool: "avg",
  ReduceMean: "avg",
  AveragePool: "avg",
  GlobalMaxPool: "max",
  ReduceMax: "max",
};

export function exitOf(view: OnnxView): Exit {
  let activation: Activation | null = null;
  let value = view.graph.output[0]?.name ?? "";
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const node = view.maker(value);
    const opType = node?.opType ?? "";
    const bends = opType === "Softmax" || opType === "Sigmoid";
    if (!node || !(bends ? activation === null : PASSES.test(opType))) {
      const pooling = POOLING[opType] ?? null;
      return { activation, pooling, value: pooling ? (node?.input[0] ?? "") : value };
    }
    if (opType === "Softmax") activation = "softmax";
    if (opType === "Sigmoid") activation = "sigmoid";
    value = node.input[0] ?? "";
  }
  return { activation, pooling: null, value };
}

/** Operators that only reshape, or do nothing. */
const PASSES = /^(Identity|Cast|Reshape|Flatten|Squeeze|Unsqueeze|Transpose|Dropout)$/;

/** Operators of a layer's batch norm and activation. */
const BENDS =
  /^(BatchNormalization|Relu|ReluOrRelu6|Clip|Min|Max|HardSwish|HardSigmoid|Sigmoid|Add|Mul|Div|Identity|Cast|Transpose)$/;

/** Most such operators: an expanded hard swish has six, a norm and layout changes have four. */
const MAX_BENDS = 12;

/** A network's classifier. */
export interface Classifier {
  /** Whether its last layer reads the mean of each channel. In V3 another layer is between the two. */
  readonly readsMeans: boolean;
}

/** Describes the classifier of a network. */
export function classifierOf(graph: Graph): Classifier {
  const makerOf = (value: string | undefined) => graph.nodes.find(({ name }) => name === value);
  let maker = makerOf(layersWithWeights(graph).at(-1)?.inputs[0]);
  while (maker && (is(maker, reshape) || is(maker, dropout))) maker = makerOf(maker.inputs[0]);
  return { readsMeans: maker !== undefined && is(maker, globalAveragePooling2d) };
}

/**
 * Whether only operators of our networks are around the last layer: the mean of each channel before a classifier, a
 * softmax or sigmoid after it, or the norm and activation of features.
 * @param classifier null for a network that ends in features
 */
export function endsPlainly(
  view: OnnxView,
  { input, output }: OnnxLayer,
  exit: Exit,
  classifier: Classifier | null,
): boolean {
  if (!classifier) return leadsTo(view, output, exit.value);
  if (view.graph.node.some(({ opType = "" }) => POOLING[opType] === "max" || opType === "MaxPool")) return false;
  const plain = !classifier.readsMeans || POOLING[makerBefore(view, input)] === "avg";
  return plain && exit.value === output && exit.pooling === null;
}

/** The operator that makes a value, before reshapes. */
function makerBefore(view: OnnxView, value: string): string {
  let node = view.maker(value);
  // `x[:, :, 0, 0]` is the pixel of a map of one pixel.
  const picks = () => node?.opType === "Gather" && ![0, 1].includes(attributeOf(node, "axis")?.i ?? 0);
  for (let steps = 0; steps < MAX_STEPS && (PASSES.test(node?.opType ?? "") || picks()); steps++)
    node = view.maker(node?.input[0] ?? "");
  return node?.opType ?? "";
}

function leadsTo(view: OnnxView, from: string, to: string): boolean {
  const values = new Set([from]);
  for (const value of values) {
    if (value === to) return true;
    if (values.size > MAX_BENDS) return false;
    for (const { opType = "", output } of view.readers(value)) if (BENDS.test(opType)) values.add(output[0] ?? "");
  }
  return false;
}
