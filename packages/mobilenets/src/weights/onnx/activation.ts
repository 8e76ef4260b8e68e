import type { Activation } from "../../graph/activations.ts";
import type { NodeProto } from "./schema.ts";
import { attributeOf, type OnnxView } from "./view.ts";

/**
 * The activation after a layer, with or without a batch norm between, as one operator or in the exporters' expanded form;
 * `linear` if there is none, undefined for an activation that we do not have.
 */
export function activationAfter(view: OnnxView, result: string): Activation | "relu or relu6" | undefined {
  const norm = view.readers(result).find(({ opType }) => opType === "BatchNormalization");
  const value = norm?.output[0] ?? result;
  for (const node of view.readers(value)) {
    const [output = ""] = node.output;
    switch (node.opType) {
      case "HardSwish":
        return "hard_swish";
      case "HardSigmoid":
        if (!near(attributeOf(node, "alpha")?.f, 1 / 6) || !near(attributeOf(node, "beta")?.f ?? 0.5, 0.5)) break;
        return multiplied(view, output, value) ? "hard_swish" : "hard_sigmoid";
      case "Relu":
        return view.readers(output).some((next) => isMinimum(view, next)) ? "relu6" : "relu";
      case "ReluOrRelu6":
        return "relu or relu6";
      case "Clip":
        return isRelu6(view, node) ? "relu6" : undefined;
      case "Sigmoid":
        return "sigmoid";
      case "Softmax":
        return "softmax";
      case "Add":
        if (other(view, node, value) === 3) return hardAfter(view, value, output);
        continue;
      default:
        continue;
    }
    return undefined;
  }
  return "linear";
}

/** The activation made from `shifted`, which is `value + 3`: relu6, a sixth, and `value` as an optional factor. */
function hardAfter(view: OnnxView, value: string, shifted: string): Activation | undefined {
  for (const node of view.readers(clippedTo6(view, shifted) ?? "")) {
    const [output = ""] = node.output;
    if (isSixth(view, node)) return multiplied(view, output, value) ? "hard_swish" : "hard_sigmoid";
    if (node.opType === "Mul" && node.input.includes(value)) {
      return view.readers(output).some((next) => isSixth(view, next)) ? "hard_swish" : undefined;
    }
  }
  return undefined;
}

function clippedTo6(view: OnnxView, value: string): string | undefined {
  for (const node of view.readers(value)) {
    if (isRelu6(view, node)) return node.output[0];
    if (node.opType === "Relu")
      return view.readers(node.output[0] ?? "").find((next) => isMinimum(view, next))?.output[0];
  }
  return undefined;
}

/** Whether a Clip is ReLU6. Bounds are attributes up to operator set 10, inputs from 11 on. */
function isRelu6(view: OnnxView, node: NodeProto): boolean {
  const bound = (i: number, name: string) => view.scalar(node.input[i]) ?? attributeOf(node, name)?.f;
  return node.opType === "Clip" && bound(1, "min") === 0 && bound(2, "max") === 6;
}

function isMinimum(view: OnnxView, { opType, input }: NodeProto): boolean {
  return opType === "Min" && input.some((value) => view.scalar(value) === 6);
}

function isSixth(view: OnnxView, { opType, input }: NodeProto): boolean {
  if (opType === "Div") return view.scalar(input[1]) === 6;
  return opType === "Mul" && input.some((value) => near(view.scalar(value), 1 / 6));
}

function multiplied(view: OnnxView, a: string, b: string): boolean {
  return view.readers(a).some(({ opType, input }) => opType === "Mul" && input.includes(b));
}

/** The constant operand of a node next to a value. */
function other(view: OnnxView, { input }: NodeProto, value: string): number | undefined {
  return view.scalar(input[input[0] === value ? 1 : 0]);
}

/** Compares with tolerance: files have constants in float32, some in float16. */
function near(found: number | undefined, expected: number): boolean {
  return found !== undefined && Math.abs(found - expected) < 1e-3 * expected;
}
