import { GraphError } from "../errors.ts";
import { formatShape, type Shape, sameShape } from "../tensor.ts";
import type { Activation } from "./activations.ts";

/** @throws GraphError unless an op's input has the expected shape */
export function expectShape(op: string, input: string, found: Shape, expected: Shape): void {
  if (sameShape(found, expected)) return;
  throw new GraphError({
    where: op,
    found: `${input} of shape ${formatShape(found)}`,
    expected: formatShape(expected),
  });
}

/** @throws GraphError unless an op's input has as many axes as `axes` names, e.g. `[n,h,w,c]` */
export function expectAxes(op: string, input: string, found: Shape, axes: string): void {
  if (found.length === axes.split(",").length) return;
  throw new GraphError({ where: op, found: `${input} of shape ${formatShape(found)}`, expected: axes });
}

/**
 * @throws GraphError for a layer with a built-in activation or residual, whose gradient would need the value before it
 */
export function expectLinear(
  op: string,
  attrs: { readonly activation: Activation; readonly residual?: boolean },
): void {
  if (attrs.activation === "linear" && !attrs.residual) return;
  const found = attrs.residual ? "a residual inside" : `${attrs.activation} inside`;
  throw new GraphError({ where: op, found, expected: "a separate layer for it, to compute gradients" });
}
