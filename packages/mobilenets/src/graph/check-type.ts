import { GraphError } from "../errors.ts";
import { show } from "../show.ts";
import { formatShape, type Shape, sizeOf } from "../tensor.ts";
import { computedTypes, dataTypes, type Quantization, type StorageType, type ValueType } from "./value-type.ts";

/**
 * Checks a value's type from a file, except its shape.
 * @param parameter whether storage types of weights are allowed
 * @throws GraphError for an invalid type; it names the value
 */
export function checkType(value: ValueType<StorageType>, where: string, parameter: boolean): void {
  const { dtype = "float32", quantization, shape } = value;
  const fail = (found: string, expected: string): never => {
    throw new GraphError({ where, found, expected });
  };
  const allowed = Object.keys(parameter ? dataTypes : computedTypes);
  if (!allowed.includes(dtype)) fail(`dtype ${show(dtype)}`, `one of ${allowed.join(", ")}`);
  const { integer, min, max } = dataTypes[dtype];
  if ((quantization !== undefined) !== integer) {
    fail(`${dtype} ${integer ? "without" : "with"} a quantization`, "one for integers, none for floats");
  }
  if (quantization === undefined) return;
  // A file may have null.
  const { scales, zeroPoints, axis } = (quantization ?? {}) as Quantization;
  if (![scales, zeroPoints].every(Array.isArray) || scales.length !== zeroPoints.length) {
    fail(`quantization ${show(quantization)}`, "scales and as many zeroPoints");
  }
  // Kernels multiply by the scale in float32.
  const usable = (scale: unknown) =>
    typeof scale === "number" && Math.fround(scale) > 0 && Math.fround(scale) < Infinity;
  const scale = scales.find((each) => !usable(each));
  if (scale !== undefined || !scales.every(usable)) fail(`scale ${show(scale)}`, "a positive number");
  const zero = zeroPoints.find((each) => !(Number.isInteger(each) && each >= min && each <= max));
  if (zero !== undefined) fail(`zero point ${show(zero)}`, `an integer from ${min} to ${max}`);
  const count = scales.length;
  if (axis === undefined ? count === 1 : countsAlong(shape, axis, count)) return;
  fail(`${count} scales along axis ${show(axis)} of ${formatShape(shape)}`, "one, or one for each index along an axis");
}

/** Whether a dimension, or that dimension and the following ones together, have `count` indices. */
function countsAlong(shape: Shape, axis: number, count: number): boolean {
  if (!(Number.isInteger(axis) && axis >= 0 && axis < shape.length)) return false;
  return shape[axis] === count || sizeOf(shape.slice(axis)) === count;
}
