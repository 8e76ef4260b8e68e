import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { Operator, TfliteModel, TfliteTensor } from "./model.ts";

/** A tensor of integers that no scale makes reals of. */
export const isPlain = ({ type, quantisation }: TfliteTensor) =>
  !quantisation && type !== "float32" && type !== "float16";

/** Operators whose third input is a bias. */
const BIASED = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"];

/**
 * The bias of an operator with the scale it has. The converter leaves the scale out of 64-bit biases, as they come with
 * 16-bit activations: by TensorFlow Lite's rule it is the input's times the kernel's, one for each output channel.
 *
 * @returns `tensor` itself where it has a scale, or needs none
 * @throws WeightsError for integers whose scale the file does not tell
 */
export function withBiasScale(
  model: TfliteModel,
  { op, inputs }: Operator,
  i: number,
  tensor: TfliteTensor,
  where: string,
) {
  if (i !== 2 || !BIASED.includes(op) || !isPlain(tensor)) return tensor;
  const [input, kernel] = inputs.slice(0, 2).map((index) => model.tensor(index).quantisation);
  if (!input || !kernel || input.scales.length !== 1) throw withoutScale(tensor, where);
  const scales = kernel.scales.map((scale) => scale * input.scales[0]);
  return { ...tensor, quantisation: { type: "int32" as const, scales, zeroPoints: scales.map(() => 0), axis: 0 } };
}

export function withoutScale({ name, type }: TfliteTensor, where: string): WeightsError {
  return new WeightsError({
    where,
    found: `${show(name)} holds ${type} without a scale`,
    expected: "reals, or integers with their scale",
    hint: "was the file changed after its conversion?",
  });
}
