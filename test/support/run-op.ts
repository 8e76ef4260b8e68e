import type { Attrs } from "../../packages/mobilenets/src/graph/graph.ts";
import type { Op } from "../../packages/mobilenets/src/graph/op.ts";
import { type Shape, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";

/** Runs an op's reference; an element that it does not write stays NaN. */
export function runOp<A extends Attrs>(op: Op<A>, attrs: A, ...inputs: Tensor[]): Tensor {
  const output = tensor(
    op.shape(
      inputs.map(({ shape }) => shape),
      attrs,
    ),
  );
  output.data.fill(Number.NaN);
  op.reference(inputs, attrs, output);
  return output;
}

/** A tensor of `[1, 2, 3, ...]`. */
export function counting(shape: Shape): Tensor {
  const { data } = tensor(shape);
  return tensor(
    shape,
    data.map((_, i) => i + 1),
  );
}
