import { derived } from "../deferred.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";

/**
 * A tensor with its dimensions in another order: `transpose(oihw, [2, 3, 1, 0])` is HWIO.
 * @param axes the tensor's dimension for each dimension of the result
 */
export function transpose(tensor: Tensor, axes: readonly number[]): Tensor {
  const strides = rowMajor(tensor.shape);
  const turned = axes.map((axis) => tensor.shape[axis]);
  const steps = axes.map((axis) => strides[axis]);
  return derived(tensor, turned, (data) => gather(data, turned, steps));
}

/**
 * The elements of a strided tensor in `data`, in row-major order.
 * @param strides elements from one index of a dimension to the next
 * @param offset index of the first element
 */
export function gather(data: Float32Array, shape: Shape, strides: readonly number[], offset = 0): Float32Array {
  const gathered = new Float32Array(sizeOf(shape));
  // A dimension of 0 means no elements.
  if (gathered.length === 0) return gathered;
  const last = shape.length - 1;
  let at = 0;
  const copy = (axis: number, from: number) => {
    if (axis > last) {
      gathered[at++] = data[from];
      return;
    }
    for (let i = 0; i < shape[axis]; i++) copy(axis + 1, from + i * strides[axis]);
  };
  copy(0, offset);
  return gathered;
}

/** Strides of a dense row-major tensor. */
export function rowMajor(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}
