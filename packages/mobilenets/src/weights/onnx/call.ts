import { WeightsError } from "../../errors.ts";
import type { Shape } from "../../tensor.ts";
import type { GraphImport } from "../import/graph-import.ts";
import { integersOf } from "./integers.ts";
import type { NodeProto } from "./schema.ts";
import { attributeOf, nodeName, type OnnxView } from "./view.ts";

/**
 * How a value lies in the file, where ours has its channels last: a map with channels first or last; `rows`, whose numbers
 * have the same order here; or a map that was laid out as a vector, channels first, which ours has channels last.
 */
export type Layout = "nchw" | "nhwc" | "rows" | { readonly flat: readonly [height: number, width: number, c: number] };

/** What became of a value of the file. */
export interface Imported {
  readonly value: string;
  readonly layout: Layout;
  /** It is yet to be padded as TensorFlow does, by the convolution that takes it. */
  readonly same?: true;
}

/** By the file's names. */
export type Values = Map<string, Imported>;

/** A node to import. */
export interface Call {
  readonly b: GraphImport;
  readonly view: OnnxView;
  readonly node: NodeProto;
  /** For the result. */
  readonly name: string;
  readonly values: Values;
}

export function refuse({ view, node }: Call, found: string, expected?: string, hint?: string): never {
  throw new WeightsError({ where: `${view.where}: ${nodeName(node)}`, found, expected, hint });
}

/** An input that is computed. */
export function dataOf(call: Call, i = 0): Imported {
  const found = call.values.get(call.node.input[i] ?? "");
  if (found?.same) refuse(call, "padding by the size of the map", "a convolution behind it");
  return found ?? refuse(call, `input ${i} that is a constant, or missing`, "a result of another node");
}

export function mapOf(call: Call, i = 0): Imported & { readonly layout: "nchw" } {
  const { value, layout } = dataOf(call, i);
  return layout === "nchw" ? { value, layout } : refuse(call, "no map with its channels first", "one");
}

/** A value's sizes as the file has them, at batch size 1. */
export function theirShape({ b, view, values }: Pick<Call, "b" | "view" | "values">, value: string): Shape {
  const found = values.get(value);
  if (!found) throw new WeightsError({ where: view.where, found: `the shape of "${value}" before it is computed` });
  const shape = b.shapeOf(found.value);
  if (found.layout !== "nchw" || shape.length !== 4) return shape;
  return [shape[0], shape[3], shape[1], shape[2]];
}

/** Whole numbers of an input that says how: a shape, axes, sizes; of an attribute in older operator sets. */
export function wholes(call: Call, i: number, attribute: string): readonly number[] | undefined {
  const given = attributeOf(call.node, attribute)?.ints;
  if (given && given.length > 0) return given;
  const value = call.node.input[i];
  if (!value) return undefined;
  return integersOf(call.view, value, call.values, (name) => theirShape(call, name));
}

export function text({ node }: Pick<Call, "node">, attribute: string, fallback = ""): string {
  const found = attributeOf(node, attribute)?.s;
  return found ? new TextDecoder().decode(found) : fallback;
}
