import type { Attrs } from "../../packages/mobilenets/src/graph/graph.ts";
import type { Op } from "../../packages/mobilenets/src/graph/op.ts";
import { type Shape, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";

/** What an op's reference makes of inputs; an element it leaves out stays NaN. */
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

/** `[1, 2, 3, ...]` in a shape. */
export function counting(shape: Shape): Tensor {
  const { data } = tensor(shape);
  return tensor(
    shape,
    data.map((_, i) => i + 1),
  );
}
