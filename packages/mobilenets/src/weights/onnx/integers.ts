import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { Values } from "./call.ts";
import { DATA_TYPE, type NodeProto } from "./schema.ts";
import { attributeOf, nodeName, type OnnxView } from "./view.ts";

/** Most nested operators: exporters compute a shape from another in about ten. */
const MAX_DEPTH = 32;

/**
 * Computes integers that a file derives from shapes, as PyTorch's exporter writes `x.view(x.size(0), -1)`.
 * @param shapeOf returns a value's shape in the file's layout, at batch size 1
 * @throws WeightsError for other arithmetic
 */
export function integersOf(
  view: OnnxView,
  value: string,
  values: Values,
  shapeOf: (value: string) => readonly number[],
  depth = 0,
): readonly number[] {
  const constant = view.wholeNumbers(value);
  if (constant) return constant;
  const node = view.maker(value);
  if (!node || depth > MAX_DEPTH) {
    throw new WeightsError({
      where: view.where,
      found: `a shape ${show(value)} that is not computed by shape arithmetic`,
    });
  }
  const of = (i: number) => integersOf(view, node.input[i] ?? "", values, shapeOf, depth + 1);
  const pairs = (f: (a: number, b: number) => number) => {
    const [a, b] = [of(0), of(1)];
    return (a.length > b.length ? a : b).map((_, i) => f(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]));
  };
  switch (node.opType) {
    case "Shape":
      if (values.has(node.input[0])) return shapeOf(node.input[0]);
      break;
    case "Gather": {
      const from = of(0);
      return of(1).map((i) => from[i < 0 ? i + from.length : i]);
    }
    case "Slice": {
      const from = of(0);
      const [begin, end] = [of(1)[0], of(2)[0]];
      if (node.input[4] && of(4)[0] !== 1) break;
      return from.slice(begin, Math.min(end, from.length));
    }
    case "Concat":
      return node.input.flatMap((_, i) => of(i));
    case "Unsqueeze":
    case "Squeeze":
    case "Cast":
    case "Identity":
    case "Ceil":
    case "Floor":
      return of(0).map((n) => (node.opType === "Ceil" ? Math.ceil(n) : node.opType === "Floor" ? Math.floor(n) : n));
    case "Add":
      return pairs((a, b) => a + b);
    case "Sub":
      return pairs((a, b) => a - b);
    case "Mul":
      return pairs((a, b) => a * b);
    case "Div":
      return pairs((a, b) => (isWhole(view, node) ? Math.trunc(a / b) : a / b));
    case "Max":
      return pairs(Math.max);
    case "Min":
      return pairs(Math.min);
    case "ConstantOfShape": {
      const filled = attributeOf(node, "value")?.t;
      const bytes = filled?.rawData;
      const n =
        filled?.int64Data[0] ?? (bytes ? Number(new DataView(new Uint8Array(bytes).buffer).getBigInt64(0, true)) : 0);
      const [count] = of(0);
      if (!(count >= 0 && count <= 16)) break;
      return Array.from({ length: count }, () => n);
    }
  }
  throw new WeightsError({
    where: `${view.where}: ${nodeName(node)}`,
    found: "an operator other than shape arithmetic",
  });
}

/** Whether a division is an integer division: no operand was cast to a float. */
function isWhole(view: OnnxView, node: NodeProto): boolean {
  const maker = view.maker(node.input[0] ?? "");
  return !(maker?.opType === "Cast" && attributeOf(maker, "to")?.i === DATA_TYPE.float);
}
