import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { Operator, TfliteModel, TfliteTensor } from "./model.ts";

/** Whether a tensor has integers without a scale. */
export const isPlain = ({ type, quantisation }: TfliteTensor) =>
  !quantisation && type !== "float32" && type !== "float16";

/** Operators whose third input is a bias. */
const BIASED = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"];

/**
 * Adds the scale to an operator's bias. The converter leaves it out of 64-bit biases, which come with 16-bit activations:
 * by TensorFlow Lite's rule it is the input's times the kernel's, one for each output channel.
 *
 * @param notes receives a note on a bias with another scale
 * @returns `tensor` itself if it has a scale, or needs none
 * @throws WeightsError for integers whose scale is unknown
 */
export function withBiasScale(
  model: TfliteModel,
  { op, inputs }: Operator,
  i: number,
  tensor: TfliteTensor,
  where: string,
  notes: Set<string>,
) {
  if (i !== 2 || !BIASED.includes(op)) return tensor;
  if (!isPlain(tensor)) {
    if (isForeign(model, inputs, tensor)) notes.add(FOREIGN);
    return tensor;
  }
  const [input, kernel] = inputs.slice(0, 2).map((index) => model.tensor(index).quantisation);
  if (!input || !kernel || input.scales.length !== 1) throw withoutScale(tensor, where);
  const scales = kernel.scales.map((scale) => scale * input.scales[0]);
  return { ...tensor, quantisation: { type: "int32" as const, scales, zeroPoints: scales.map(() => 0), axis: 0 } };
}

/** Note: with 16-bit activations, TensorFlow's converter keeps one of several equal biases, with the scale of the first. */
const FOREIGN =
  "biases have scales that are not their inputs' times their kernels', which TensorFlow Lite computes with: they are read by " +
  "their own scales, as the model they were made of has them, and TensorFlow Lite's results differ; a converter that shared " +
  "equal biases does that";

/** Whether a bias has a scale that differs from that of its sum. */
function isForeign(model: TfliteModel, inputs: Operator["inputs"], { quantisation }: TfliteTensor): boolean {
  const [input, kernel] = inputs.slice(0, 2).map((index) => model.tensor(index).quantisation);
  if (!quantisation || !input || !kernel || input.scales.length !== 1) return false;
  const { scales } = quantisation;
  return kernel.scales.some((scale, channel) => {
    const sum = scale * input.scales[0];
    return Math.abs((scales[channel] ?? scales[0]) - sum) > 0.01 * sum;
  });
}

export function withoutScale({ name, type }: TfliteTensor, where: string): WeightsError {
  return new WeightsError({
    where,
    found: `${show(name)} holds ${type} without a scale`,
    expected: "floats, or integers with a scale",
    hint: "was the file changed after its conversion?",
  });
}
