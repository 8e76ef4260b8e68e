// Recognises functions that exporters expand into several operators, from the last one backwards.
import { WeightsError } from "../../errors.ts";
import type { GraphImport } from "../import/graph-import.ts";
import type { Imported, Layout, Values } from "./call.ts";
import type { NodeProto } from "./schema.ts";
import { attributeOf, nodeName, type OnnxView } from "./view.ts";

/** Several nodes that form one op. */
export interface WrittenOut {
  /** Names of the inputs. */
  readonly inputs: readonly string[];
  add(b: GraphImport, name: string, values: Values): Imported;
}

/** The function that ends in this node; undefined for any other node. */
export function writtenOut(view: OnnxView, node: NodeProto): WrittenOut | undefined {
  return gelu(view, node) ?? squareplus(view, node) ?? byLength(view, node) ?? byDeviation(view, node);
}

function made(x: string, add: (b: GraphImport, name: string, input: Imported) => string): WrittenOut {
  return {
    inputs: [x],
    add(b, name, values) {
      const input = values.get(x) as Imported;
      return { value: add(b, name, input), layout: input.layout };
    },
  };
}

/** Compares constants; half precision has an error of up to 5e-4. */
const near = (found: number | undefined, expected: number, tolerance = 5e-4) =>
  found !== undefined && Math.abs(found - expected) <= tolerance * Math.abs(expected);

/** The node that makes a value, if it is of that type. */
function makerOf(view: OnnxView, value: string | undefined, opType: string): NodeProto | undefined {
  const node = view.maker(value ?? "");
  return node?.opType === opType ? node : undefined;
}

/** The other input of a node with a constant near `expected`. */
function beside(view: OnnxView, node: NodeProto | undefined, expected: number, tolerance?: number): string | undefined {
  const at = node?.input.findIndex((value) => near(view.scalar(value), expected, tolerance)) ?? -1;
  return at < 0 || node?.input.length !== 2 ? undefined : node.input[1 - at];
}

/** The factors of a nested product. */
function factors(view: OnnxView, node: NodeProto, depth = 0): readonly string[] {
  return node.input.flatMap((value) => {
    const inner = depth < 3 ? makerOf(view, value, "Mul") : undefined;
    return inner && view.readers(value).length === 1 ? factors(view, inner, depth + 1) : [value];
  });
}

/** `x * 0.5 * (1 + erf(x / sqrt 2))`, or with tanh of a polynomial; the factors have any order. */
function gelu(view: OnnxView, node: NodeProto): WrittenOut | undefined {
  if (node.opType !== "Mul") return undefined;
  const all = factors(view, node);
  // 8 bits turn a half into 0.498, and 1 into 0.996.
  const half = all.find((value) => near(view.scalar(value), 0.5, 0.01));
  const [x, bend, ...more] = all.filter((value) => value !== half);
  if (!half || bend === undefined || more.length > 0) return undefined;
  for (const [value, other] of [
    [x, bend],
    [bend, x],
  ]) {
    const sum = beside(view, makerOf(view, other, "Add"), 1, 0.01);
    const erf = makerOf(view, sum, "Erf");
    if (erf) {
      const scaled = view.maker(erf.input[0]);
      const root = scaled?.opType === "Div" ? Math.SQRT2 : scaled?.opType === "Mul" ? Math.SQRT1_2 : undefined;
      if (root !== undefined && beside(view, scaled, root) === value)
        return made(value, (b, name, v) => b.unary(name, v.value, "gelu"));
    }
    const tanh = makerOf(view, sum, "Tanh");
    if (tanh && isPolynomial(view, tanh.input[0], value))
      return made(value, (b, name, v) => b.unary(name, v.value, "gelu_tanh"));
  }
  return undefined;
}

/** `(x + sqrt(x^2 + b)) / 2` */
function squareplus(view: OnnxView, node: NodeProto): WrittenOut | undefined {
  if (node.opType !== "Mul" && node.opType !== "Div") return undefined;
  const sum = makerOf(view, beside(view, node, node.opType === "Mul" ? 0.5 : 2), "Add");
  const root = sum?.input.findIndex((value) => view.maker(value)?.opType === "Sqrt") ?? -1;
  if (sum?.input.length !== 2 || root < 0 || (node.opType === "Div" && view.scalar(node.input[1]) === undefined))
    return undefined;
  const x = sum.input[1 - root];
  const power = makerOf(view, makerOf(view, sum.input[root], "Sqrt")?.input[0], "Add");
  const at = power?.input.findIndex((value) => view.scalar(value) !== undefined) ?? -1;
  if (!power || at < 0 || squareOf(view, power.input[1 - at]) !== x) return undefined;
  const b = view.scalar(power.input[at]) as number;
  return b > 0 ? made(x, (graph, name, v) => graph.unary(name, v.value, "squareplus", b)) : undefined;
}

/** `sqrt(2 / pi) (x + 0.044715 x^3)` */
function isPolynomial(view: OnnxView, value: string, x: string): boolean {
  const sum = makerOf(view, beside(view, makerOf(view, value, "Mul"), Math.sqrt(2 / Math.PI)), "Add");
  const cubic = sum?.input.find((input) => input !== x);
  if (!sum?.input.includes(x) || cubic === undefined) return false;
  const power = beside(view, makerOf(view, cubic, "Mul"), 0.044715);
  const cube = makerOf(view, power, "Pow");
  return cube !== undefined && cube.input[0] === x && near(view.scalar(cube.input[1]), 3);
}

/** `x / max(|x|, epsilon)`: PyTorch's `normalize`, or a division by a norm. */
function byLength(view: OnnxView, node: NodeProto): WrittenOut | undefined {
  if (node.opType !== "Div") return undefined;
  const [x, by] = node.input;
  const spread = makerOf(view, by, "Expand");
  let length = spread ? spread.input[0] : by;
  let epsilon = 1e-15;
  const clip = view.maker(length);
  if (clip?.opType === "Clip" || clip?.opType === "Max") {
    const least = view.scalar(clip.input[1]) ?? attributeOf(clip, "min")?.f;
    const open = clip.opType === "Max" || !clip.input[2] || (view.scalar(clip.input[2]) as number) > 1e30;
    if (!(least !== undefined && least >= 0) || !open || attributeOf(clip, "max")?.f !== undefined) return undefined;
    epsilon = Math.max(epsilon, least);
    [length] = clip.input;
  }
  const norm = makerOf(view, length, "ReduceL2");
  const sum = norm ?? makerOf(view, makerOf(view, length, "Sqrt")?.input[0], "ReduceSum");
  const axis = sum && axisOf(view, sum);
  const of = norm ? norm.input[0] : squareOf(view, sum?.input[0]);
  if (of === undefined || axis === undefined || !sameValue(view, of, x)) return undefined;
  return made(x, (b, name, { value, layout }) => {
    checkChannels(view, node, axis, b.shapeOf(value).length, layout);
    return b.normalise(name, value, "length", epsilon * epsilon);
  });
}

/** The value whose square a value is. */
function squareOf(view: OnnxView, value: string | undefined): string | undefined {
  const node = view.maker(value ?? "");
  const twice = node?.opType === "Mul" && node.input[0] === node.input[1];
  const power = node?.opType === "Pow" && view.scalar(node.input[1]) === 2;
  return twice || power ? node?.input[0] : undefined;
}

/** Whether two values are equal. An exporter may compute a value twice if the program uses it twice. */
function sameValue(view: OnnxView, a: string, b: string, depth = 0): boolean {
  if (a === b) return true;
  const [x, y] = [view.maker(a), view.maker(b)];
  if (!x || !y || depth > 2 || x.opType !== y.opType || x.input.length !== y.input.length) return false;
  if (JSON.stringify(x.attribute) !== JSON.stringify(y.attribute) || x.output[0] !== a || y.output[0] !== b)
    return false;
  return x.input.every((value, i) => sameValue(view, value, y.input[i], depth + 1));
}

/** The single axis of a reduction that keeps it. */
function axisOf(view: OnnxView, node: NodeProto): number | undefined {
  const [axis, ...more] = attributeOf(node, "axes")?.ints ?? view.wholeNumbers(node.input[1]) ?? [];
  return more.length === 0 && (attributeOf(node, "keepdims")?.i ?? 1) !== 0 ? axis : undefined;
}

function checkChannels(view: OnnxView, node: NodeProto, axis: number, rank: number, layout: Layout): void {
  if (layout === "nchw" ? axis === 1 : axis === -1 || axis === rank - 1) return;
  const found = `a norm along axis ${axis}`;
  throw new WeightsError({ where: `${view.where}: ${nodeName(node)}`, found, expected: "one of the channels" });
}

/** `(x - mean) / sqrt(variance + epsilon)`: a layer norm, without its scale and offset, which follow. */
function byDeviation(view: OnnxView, node: NodeProto): WrittenOut | undefined {
  if (node.opType !== "Div") return undefined;
  const [centred, by] = node.input;
  const less = makerOf(view, centred, "Sub");
  const sum = makerOf(view, makerOf(view, by, "Sqrt")?.input[0], "Add");
  if (!less || !sum) return undefined;
  const mean = makerOf(view, less.input[1], "ReduceMean");
  const at = sum.input.findIndex((value) => view.scalar(value) !== undefined);
  const variance = makerOf(view, sum.input[1 - at], "ReduceMean");
  const squares = view.maker(variance?.input[0] ?? "");
  const squared =
    squares?.opType === "Pow"
      ? squares.input[0] === centred && view.scalar(squares.input[1]) === 2
      : squares?.opType === "Mul" && squares.input.every((value) => value === centred);
  const [x] = less.input;
  if (at < 0 || !mean || mean.input[0] !== x || !variance || !squared) return undefined;
  const axis = axisOf(view, mean);
  if (axis === undefined || axisOf(view, variance) !== axis) return undefined;
  const epsilon = view.scalar(sum.input[at]) as number;
  return made(x, (b, name, { value, layout }) => {
    checkChannels(view, node, axis, b.shapeOf(value).length, layout);
    return b.normalise(name, value, "variance", epsilon);
  });
}
