import { type Shape, sizeOf, type Tensor, type TensorData } from "./tensor.ts";

/** Tensors of at most so many numbers are made at once: a batch norm's are read one by one, and are small. */
const SMALL = 4096;

/** The last tensor read, until the current task ends: a loop over one tensor's numbers makes them once. */
let last: { readonly read: object; readonly data: Float32Array } | undefined;

/**
 * A tensor whose numbers stay as a file stores them, in 16 or 8 bits, and become float32 at each access: packing a model
 * for an engine never holds them all at once. A copy by `{ ...tensor }` makes them.
 * @param read returns the same numbers at every call, as many as the shape has
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

/** Whether a tensor's numbers are made at each access. */
export function isDeferred(tensor: Tensor<TensorData>): boolean {
  return Object.getOwnPropertyDescriptor(tensor, "data")?.get !== undefined;
}

/** A tensor of numbers made from another's; deferred if the other is. */
export function derived(tensor: Tensor, shape: Shape, make: (data: Float32Array) => Float32Array): Tensor {
  return isDeferred(tensor) ? deferred(shape, () => make(tensor.data)) : { data: make(tensor.data), shape };
}

/** The same numbers in another shape. */
export const reshaped = (tensor: Tensor, shape: Shape): Tensor => derived(tensor, shape, (data) => data);

/** The same numbers with a scale for each output channel. */
export const scaled = (tensor: Tensor, scales: Float64Array): Tensor => ({
  get data() {
    return tensor.data;
  },
  shape: tensor.shape,
  scales,
});
