import { WeightsError } from "../../errors.ts";
import type { Shape } from "../../tensor.ts";
import type { GraphImport } from "../import/graph-import.ts";
import { integersOf } from "./integers.ts";
import type { NodeProto } from "./schema.ts";
import { attributeOf, nodeName, type OnnxView } from "./view.ts";

/**
 * A value's layout in the file; ours always has channels last. A map has channels first or last; `rows` have the same
 * order as ours; a flattened map has channels first in the file.
 */
export type Layout = "nchw" | "nhwc" | "rows" | { readonly flat: readonly [height: number, width: number, c: number] };

/** The imported form of a file's value. */
export interface Imported {
  readonly value: string;
  readonly layout: Layout;
  /** The next convolution must pad it as TensorFlow does. */
  readonly same?: true;
}

/** Imported values by the file's names. */
export type Values = Map<string, Imported>;

/** A node to import. */
export interface Call {
  readonly b: GraphImport;
  readonly view: OnnxView;
  readonly node: NodeProto;
  /** Name of the result. */
  readonly name: string;
  readonly values: Values;
}

export function refuse({ view, node }: Call, found: string, expected?: string, hint?: string): never {
  throw new WeightsError({ where: `${view.where}: ${nodeName(node)}`, found, expected, hint });
}

/** A computed input. */
export function dataOf(call: Call, i = 0): Imported {
  const found = call.values.get(call.node.input[i] ?? "");
  if (found?.same) refuse(call, "padding by the size of the map", "a convolution after it");
  return found ?? refuse(call, `input ${i} that is a constant, or missing`, "a result of another node");
}

export function mapOf(call: Call, i = 0): Imported & { readonly layout: "nchw" } {
  const { value, layout } = dataOf(call, i);
  return layout === "nchw"
    ? { value, layout }
    : refuse(call, "a value other than a map", "a map with its channels first");
}

/** A value's shape in the file's layout, at batch size 1. */
export function theirShape({ b, view, values }: Pick<Call, "b" | "view" | "values">, value: string): Shape {
  const found = values.get(value);
  if (!found) throw new WeightsError({ where: view.where, found: `the shape of "${value}" before it is computed` });
  const shape = b.shapeOf(found.value);
  if (found.layout !== "nchw" || shape.length !== 4) return shape;
  return [shape[0], shape[3], shape[1], shape[2]];
}

/** Integers of an input such as a shape, axes or sizes, or of an attribute in older operator sets. */
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
