import { reshaped } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { formatShape, type Tensor } from "../../tensor.ts";
import { bareShape, type LayerKind } from "../match/layer-weights.ts";
import { transpose } from "../transpose.ts";

/**
 * Converts a PyTorch weight to our layout: convolutions OIHW -> HWIO, depthwise [c,1,h,w] -> [h,w,c,1], Linear [out,in] ->
 * [in,out]; vectors do not change.
 * @param where names the tensor in errors
 * @throws WeightsError for an unexpected number of dimensions
 */
export function fromTorch(kind: LayerKind, weight: string, tensor: Tensor, where: string): Tensor {
  const { shape } = tensor;
  if (!weight.endsWith("kernel")) {
    if (shape.length === 1) return tensor;
  } else if (shape.length === 4) {
    return transpose(tensor, kind === "depthwise" ? [2, 3, 0, 1] : [2, 3, 1, 0]);
  } else if (shape.length === 2 && kind === "conv") {
    return transpose(tensor, [1, 0]);
  }
  const expected = weight.endsWith("kernel")
    ? kind === "conv"
      ? "4 dimensions, or 2"
      : "4 dimensions"
    : "1 dimension";
  throw new WeightsError({ where, found: `shape ${formatShape(shape)}`, expected });
}

/**
 * The inverse of `fromTorch`.
 * @param linear whether the module is Linear; our layer may be a 1x1 convolution
 */
export function toTorch(kind: LayerKind, weight: string, tensor: Tensor, linear: boolean): Tensor {
  if (!weight.endsWith("kernel")) return tensor;
  if (kind === "depthwise") return transpose(tensor, [2, 3, 0, 1]);
  return linear ? transpose(reshaped(tensor, bareShape(tensor.shape)), [1, 0]) : transpose(tensor, [3, 2, 0, 1]);
}
