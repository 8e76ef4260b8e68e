import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { sameShape } from "../../tensor.ts";
import type { KerasLayer } from "./layer.ts";
import type { KerasProgramBuilder } from "./program.ts";

// Keras' layers with several inputs.

/** Merges two values, or several one after the other. */
export function merge(
  both: (b: KerasProgramBuilder, name: string, values: readonly [string, string]) => unknown,
): (b: KerasProgramBuilder, layer: KerasLayer, inputs: readonly string[]) => string {
  return (b, layer, inputs) => {
    if (inputs.length < 2) layer.refuse(`${inputs.length} inputs`, "2");
    inputs.slice(1).reduce((x, y, i) => {
      const name = i === inputs.length - 2 ? layer.name : `${layer.name}/${i}`;
      both(b, name, [x, y]);
      return name;
    }, inputs[0]);
    return layer.name;
  };
}

export function subtract(b: KerasProgramBuilder, name: string, [x, y]: readonly [string, string]): void {
  b.add(rescaling, `${name}/minus`, [y], { scale: -1, offset: 0 });
  b.add(add, name, [x, `${name}/minus`], {});
}

/** x + relu(y - x) */
export function larger(b: KerasProgramBuilder, name: string, [x, y]: readonly [string, string]): void {
  subtract(b, `${name}/more`, [y, x]);
  b.add(activation, `${name}/relu`, [`${name}/more`], { activation: "relu" });
  b.add(add, name, [x, `${name}/relu`], {});
}

/** x - relu(x - y) */
export function lesser(b: KerasProgramBuilder, name: string, [x, y]: readonly [string, string]): void {
  subtract(b, `${name}/more`, [x, y]);
  b.add(activation, `${name}/relu`, [`${name}/more`], { activation: "relu" });
  subtract(b, name, [x, `${name}/relu`]);
}

export function addAverage(b: KerasProgramBuilder, layer: KerasLayer, inputs: readonly string[]): string {
  if (inputs.length < 2) layer.refuse(`${inputs.length} inputs`, "2");
  const sum = inputs.slice(1).reduce((x, y, i) => {
    b.add(add, `${layer.name}/${i}`, [x, y], {});
    return `${layer.name}/${i}`;
  }, inputs[0]);
  b.add(rescaling, layer.name, [sum], { scale: 1 / inputs.length, offset: 0 });
  return layer.name;
}

export function addConcatenate(b: KerasProgramBuilder, layer: KerasLayer, inputs: readonly string[]): string {
  layer.one("axis", -1, b.shapeOf(inputs[0] ?? layer.refuse("no input", "2")).length - 1);
  if (inputs.length === 1) return inputs[0];
  b.add(concatenate, layer.name, inputs, {});
  return layer.name;
}

/** Keras broadcasts either factor; our op takes the map first and the gate second. */
export function addMultiply(b: KerasProgramBuilder, name: string, inputs: readonly [string, string]): void {
  const [first, second] = inputs.map((input) => b.shapeOf(input));
  const gateFirst = second !== undefined && sameShape(first, [second[0], 1, 1, second[3]]);
  b.add(multiply, name, gateFirst ? [...inputs].reverse() : inputs, {});
}
