import { formatShape } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import type { Quantization, StorageType, ValueType } from "./value-type.ts";

/**
 * Prints one line per layer: `conv1 [1,112,112,32] = conv2d(input, conv1/kernel) {"filters":32,...}`. Parameters other
 * than float32 come first.
 */
export function printGraph(graph: Graph): string {
  const stored = Object.entries(graph.params).filter(([, { dtype = "float32" }]) => dtype !== "float32");
  const lines = graph.nodes.map(({ name, op, inputs, attrs, ...type }) => {
    const options = Object.keys(attrs).length > 0 ? ` ${JSON.stringify(attrs)}` : "";
    return `${name} ${formatType(type)} = ${op}(${inputs.join(", ")})${options}`;
  });
  return [
    `${graph.name}(${graph.input.name} ${formatType(graph.input)})`,
    ...stored.map(([name, type]) => `${name} ${formatType(type)}`),
    ...lines,
    `-> ${graph.outputs.join(", ")}`,
  ].join("\n");
}

/**
 * `[1,224,224,3]` for float32, `int8[1,112,112,32] 0.0235:-128` with scale and zero point, and
 * `int8[3,3,3,32] 0.0012..0.0344:0 along 3` for a scale per channel: the smallest and the largest.
 */
export function formatType({ shape, dtype = "float32", quantization }: ValueType<StorageType>): string {
  const numbers = `${dtype === "float32" ? "" : dtype}${formatShape(shape)}`;
  return quantization ? `${numbers} ${formatQuantization(quantization)}` : numbers;
}

function formatQuantization({ scales, zeroPoints, axis }: Quantization): string {
  const range = `${rangeOf(scales)}:${rangeOf(zeroPoints)}`;
  return axis === undefined ? range : `${range} along ${axis}`;
}

/** A loop, because a million scales are too many arguments for a call. */
function rangeOf(numbers: readonly number[]): string {
  const sorted = Float64Array.from(numbers).sort();
  const [least, largest] = [sorted[0], sorted[sorted.length - 1]].map((n) => `${Number(n.toPrecision(3))}`);
  return least === largest ? least : `${least}..${largest}`;
}
