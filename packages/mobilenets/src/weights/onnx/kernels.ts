import { reshaped } from "../../deferred.ts";
import type { Tensor } from "../../tensor.ts";
import { transpose } from "../transpose.ts";

/**
 * Converts our kernel to ONNX's layout: HWIO to OIHW for a convolution, [kh,kw,c,multiplier] to [c * multiplier,1,kh,kw]
 * for a depthwise one; a dense layer's [in,out] stays, which Gemm takes.
 */
export function toOnnxKernel(kernel: Tensor, depthwise: boolean): Tensor {
  if (kernel.shape.length === 2) return kernel;
  if (!depthwise) return transpose(kernel, [3, 2, 0, 1]);
  const [kh, kw, c, multiplier] = kernel.shape;
  return reshaped(transpose(kernel, [2, 3, 0, 1]), [c * multiplier, 1, kh, kw]);
}

/** The reverse, for kernels of rank 4; a depthwise kernel has as many groups as input channels. */
export function fromOnnxKernel(kernel: Tensor, groups: number): Tensor {
  if (groups === 1) return transpose(kernel, [2, 3, 1, 0]);
  const [filters, , kh, kw] = kernel.shape;
  return transpose(reshaped(kernel, [groups, filters / groups, kh, kw]), [2, 3, 0, 1]);
}
