import { GraphError } from "../errors.ts";
import { show } from "../show.ts";
import { activationNames } from "./activations.ts";
import type { WindowAttrs } from "./window.ts";

/** Unchecked attributes of a node, e.g. from a file. */
type Attributes<A> = { readonly [K in keyof A]?: unknown };

/** @throws GraphError with the attribute, its value and the expected one, unless `holds` */
function expectThat(holds: boolean, op: string, name: string, value: unknown, expected: string): void {
  if (!holds) throw new GraphError({ where: op, found: `${name} ${show(value)}`, expected });
}

const isWhole = (value: unknown, least: number) => Number.isSafeInteger(value) && (value as number) >= least;

/** @throws GraphError unless the attribute is an integer >= `least` */
export function expectWhole(op: string, name: string, value: unknown, least: number): void {
  expectThat(isWhole(value, least), op, name, value, `an integer >= ${least}`);
}

/** @throws GraphError unless the attribute is a finite number >= `least` */
export function expectNumber(op: string, name: string, value: unknown, least = -Infinity): void {
  const expected = least === -Infinity ? "a finite number" : `a finite number >= ${least}`;
  expectThat(Number.isFinite(value) && (value as number) >= least, op, name, value, expected);
}

/** @throws GraphError unless the attribute is a boolean, or left out if `optional` */
export function expectFlag(op: string, name: string, value: unknown, optional = false): void {
  expectThat(typeof value === "boolean" || (optional && value === undefined), op, name, value, "true or false");
}

/** @throws GraphError unless the attribute names an activation */
export function expectActivation(op: string, value: unknown): void {
  const known = (activationNames as readonly unknown[]).includes(value);
  expectThat(known, op, "activation", value, `one of ${activationNames.join(", ")}`);
}

/** @throws GraphError unless the value has pixels for each of four sides */
export function expectPadding(op: string, value: unknown): void {
  const sides = ["top", "bottom", "left", "right"];
  const isPadding = typeof value === "object" && value !== null;
  const whole = isPadding && sides.every((side) => isWhole((value as Record<string, unknown>)[side], 0));
  expectThat(whole, op, "padding", value, "integers >= 0 for top, bottom, left and right");
}

/** @throws GraphError unless kernel size, strides and padding are valid */
export function expectWindow(op: string, { kernelSize, strides, padding }: Attributes<WindowAttrs>): void {
  for (const [name, value] of Object.entries({ kernelSize, strides })) {
    const isPair = Array.isArray(value) && value.length === 2 && value.every((n) => isWhole(n, 1));
    expectThat(isPair, op, name, value, "two integers >= 1");
  }
  if (padding !== "same" && padding !== "valid") expectPadding(op, padding);
}

/** @throws GraphError unless a node has the expected number of inputs */
export function expectInputs(op: string, found: number, expected: number): void {
  expectThat(found === expected, op, "number of inputs", found, String(expected));
}
