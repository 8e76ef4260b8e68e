// Builds the graph of a file that computes in integers, with the types of values and parameters.
import type { Graph, Node, ParamSpec, Program } from "../../graph/graph.ts";
import type { StorageType, ValueType } from "../../graph/value-type.ts";
import type { Tensor, TensorData } from "../../tensor.ts";
import type { QuantizedNetwork } from "../weight-file.ts";
import type { TfliteTensor } from "./model.ts";

/** A type without the shape; undefined for types that our layers lack (16-bit activations). */
type NumberType = Pick<ValueType, "dtype" | "quantization"> | undefined;

/** The type of a result. */
export function valueTypeOf({ type, quantisation }: TfliteTensor): NumberType {
  if (!quantisation) return {};
  if (type !== "int8" && type !== "uint8" && type !== "int32") return undefined;
  const { scales, zeroPoints, axis } = quantisation;
  return { dtype: type, quantization: { scales, zeroPoints, ...(scales.length > 1 && { axis }) } };
}

const dtypes: Readonly<Record<string, StorageType>> = {
  Int8Array: "int8",
  Uint8Array: "uint8",
  Int16Array: "int16",
  Int32Array: "int32",
};

/**
 * The network with the file's names. Undefined for one that computes in floats.
 * @param stored integer parameters, in the layout of the graph's layers
 * @param types types of results, by name; a value that only our graph has, between two of the file's operators, is a float
 */
export function quantizedNetwork(
  { graph, weights }: Program,
  stored: Readonly<Record<string, Tensor<TensorData>>>,
  types: ReadonlyMap<string, NumberType>,
): QuantizedNetwork | undefined {
  const all = [...types.values()];
  if (all.every((type) => type?.dtype === undefined) || all.includes(undefined)) return undefined;
  const typed = <T extends Graph["input"] | Node>(value: T): T => ({ ...value, ...types.get(value.name) });
  const params = Object.entries(graph.params).map(([name, spec]): [string, ParamSpec] => {
    const tensor = stored[name];
    return [name, tensor ? { ...spec, ...storedType(tensor) } : spec];
  });
  return {
    graph: {
      ...graph,
      input: typed(graph.input),
      nodes: graph.nodes.map(typed),
      params: Object.fromEntries(params),
    },
    tensors: { ...weights, ...stored },
  };
}

/** The type of a stored parameter. Several scales count the last dimension or, for a depthwise kernel, the last two. */
function storedType({ data, shape, scales = new Float64Array(), zeroPoints = new Int32Array() }: Tensor<TensorData>) {
  const last = shape.length - 1;
  const quantization = {
    scales: [...scales],
    zeroPoints: [...zeroPoints],
    ...(scales.length > 1 && { axis: shape[last] === scales.length ? last : last - 1 }),
  };
  return { dtype: dtypes[data[Symbol.toStringTag]], quantization };
}
