import { type Shape, sizeOf, type Tensor, type TensorData } from "./tensor.ts";

/** Tensors of fewer numbers are made at once: a batch norm's are looked at one by one, and take no room. */
const SMALL = 4096;

/** What was asked for last, until the caller's turn ends: a loop over one tensor's numbers makes them once. */
let last: { readonly read: object; readonly data: Float32Array } | undefined;

/**
 * A tensor whose numbers stay as a file stores them, in 16 or 8 bits, and become float32 each time they are asked for: a
 * model that is packed for an engine never holds them all at once. A copy by `{ ...tensor }` has them made.
 * @param read the same numbers at every call, as many as the shape asks for
 */
export function deferred(shape: Shape, read: () => Float32Array): Tensor {
  if (sizeOf(shape) <= SMALL) return { data: read(), shape };
  const tensor: Tensor = {
    get data() {
      if (last?.read === read) return last.data;
      const data = read();
      last = { read, data };
      queueMicrotask(() => {
        last = undefined;
      });
      return data;
    },
    shape,
  };
  return tensor;
}

/** Whether its numbers are made when they are asked for. */
export function isDeferred(tensor: Tensor<TensorData>): boolean {
  return Object.getOwnPropertyDescriptor(tensor, "data")?.get !== undefined;
}

/** Other numbers made of a tensor's, when they are asked for if its own are. */
export function derived(tensor: Tensor, shape: Shape, make: (data: Float32Array) => Float32Array): Tensor {
  return isDeferred(tensor) ? deferred(shape, () => make(tensor.data)) : { data: make(tensor.data), shape };
}

/** The same numbers in another shape. */
export const reshaped = (tensor: Tensor, shape: Shape): Tensor => derived(tensor, shape, (data) => data);

/** The same numbers, each to be multiplied by the scale of its output channel. */
export const scaled = (tensor: Tensor, scales: Float64Array): Tensor => ({
  get data() {
    return tensor.data;
  },
  shape: tensor.shape,
  scales,
});
