import { GraphError } from "../errors.ts";
import { formatShape, type Shape, sameShape } from "../tensor.ts";

/** @throws GraphError unless an op's input has the shape that the others ask for */
export function expectShape(op: string, input: string, found: Shape, expected: Shape): void {
  if (sameShape(found, expected)) return;
  throw new GraphError({
    where: op,
    found: `${input} of shape ${formatShape(found)}`,
    expected: formatShape(expected),
  });
}

/** @throws GraphError unless an op's input has the axes that `axes` names, e.g. `[n,h,w,c]` */
export function expectAxes(op: string, input: string, found: Shape, axes: string): void {
  if (found.length === axes.split(",").length) return;
  throw new GraphError({ where: op, found: `${input} of shape ${formatShape(found)}`, expected: axes });
}
