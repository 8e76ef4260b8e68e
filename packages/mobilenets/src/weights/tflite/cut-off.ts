import { dataTypes } from "../../graph/value-type.ts";
import type { Operator, TfliteModel, TfliteTensor } from "./model.ts";
import { ARITHMETIC_OPTIONS, CONV_OPTIONS, DENSE_OPTIONS, DEPTHWISE_OPTIONS, FUSED, type OpName } from "./schema.ts";

/** The least and the greatest real number that a tensor's 8 or 16 bits can express. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Operators whose results are in the range of their operands. */
const AMONG: readonly OpName[] = [
  ...([
    "QUANTIZE",
    "MAX_POOL_2D",
    "AVERAGE_POOL_2D",
    "MEAN",
    "REDUCE_MAX",
    "MAXIMUM",
    "MINIMUM",
    "CONCATENATION",
  ] as const),
  ...(["RESHAPE", "SQUEEZE", "PAD", "SLICE", "STRIDED_SLICE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"] as const),
];
/** Ranges of operators with bounded results. */
const BOUNDED: Partial<Record<OpName, Range>> = {
  LOGISTIC: { least: 0, most: 1 },
  SOFTMAX: { least: 0, most: 1 },
  TANH: { least: -1, most: 1 },
  RELU6: { least: 0, most: 6 },
};

/** The field of an operator's options with its fused activation. */
const FUSED_FIELD: Partial<Record<OpName, number>> = {
  CONV_2D: CONV_OPTIONS.fused,
  DEPTHWISE_CONV_2D: DEPTHWISE_OPTIONS.fused,
  FULLY_CONNECTED: DENSE_OPTIONS.fused,
  ADD: ARITHMETIC_OPTIONS.fused,
};

/**
 * The range to which TensorFlow Lite clamps an operator's results; undefined if no result can be outside. Calibration gives
 * each tensor its range, and joined tensors the range of one of them.
 */
export function rangeToCut(model: TfliteModel, { op, inputs, outputs, options }: Operator): Range | undefined {
  const range = rangeOf(model.tensor(outputs[0]));
  if (!range) return undefined;
  const given = inputs.filter((index) => index >= 0).flatMap((index) => rangeOf(model.tensor(index)) ?? []);
  const field = FUSED_FIELD[op];
  const bounded = field !== undefined && options?.int8(field) === FUSED.RELU6 ? BOUNDED.RELU6 : BOUNDED[op];
  const bounds = bounded ? [bounded] : AMONG.includes(op) ? given : [];
  // A step above the range is rounded to it.
  const { least, most, step } = range;
  const within = bounds.length > 0 && bounds.every((one) => one.least > least - step && one.most < most + step);
  return within ? undefined : range;
}

/** Undefined for tensors of floats or of 32 bits, and for steps so small or large that float32 cannot hold the clamp. */
function rangeOf({ quantisation }: TfliteTensor): (Range & { readonly step: number }) | undefined {
  if (quantisation?.scales.length !== 1 || quantisation.type === "int32") return undefined;
  const { type, scales, zeroPoints } = quantisation;
  const [step, zero] = [scales[0], zeroPoints[0]];
  if (!(step > 1e-30 && step < 1e30)) return undefined;
  return { least: (dataTypes[type].min - zero) * step, most: (dataTypes[type].max - zero) * step, step };
}
