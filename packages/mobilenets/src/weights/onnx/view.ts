import { deferred } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
import { widenBfloat16, widenFloat16 } from "../containers/half.ts";
import { type AttributeProto, DATA_TYPE, type GraphProto, type NodeProto, type TensorProto } from "./schema.ts";

/** Most copies between a constant and its reader; exporters write one or two. */
const MAX_HOPS = 8;

/** Most dimensions of a shape. */
const MAX_SHAPE = 16;

/** A graph's nodes by their outputs and inputs, and its constants as numbers. */
export class OnnxView {
  readonly graph: GraphProto;
  readonly where: string;
  /** Version of ONNX's operators. */
  readonly opset: number;
  readonly #makers = new Map<string, NodeProto>();
  readonly #readers = new Map<string, NodeProto[]>();
  readonly #initializers = new Map<string, TensorProto>();
  /** Decoded constants: each is decoded once, however many nodes read it. */
  readonly #floats = new Map<TensorProto, Tensor>();

  constructor(graph: GraphProto, where: string, opset = 17) {
    this.graph = graph;
    this.where = where;
    this.opset = opset;
    for (const tensor of graph.initializer) this.#initializers.set(tensor.name ?? "", tensor);
    for (const node of graph.node) {
      for (const value of node.output) this.#makers.set(value, node);
      for (const value of new Set(node.input)) {
        const readers = this.#readers.get(value);
        if (readers) readers.push(node);
        else this.#readers.set(value, [node]);
      }
    }
  }

  maker(value: string): NodeProto | undefined {
    return this.#makers.get(value);
  }

  readers(value: string): readonly NodeProto[] {
    return this.#readers.get(value) ?? [];
  }

  isConstant(value: string | undefined): value is string {
    return this.#constant(value) !== undefined;
  }

  /**
   * A constant in float32; 16-bit floats are widened.
   * @throws WeightsError if the value is not a constant of floats
   */
  floats(value: string): Tensor {
    const proto = this.#constant(value) ?? this.#fail(value, "a value that is computed", "a constant");
    let tensor = this.#floats.get(proto);
    if (!tensor) {
      this.#checkPresent(value, proto);
      tensor = this.#decodeFloats(value, proto);
      this.#floats.set(proto, tensor);
    }
    return tensor;
  }

  /** The number of a scalar constant; undefined for anything else. */
  scalar(value: string | undefined): number | undefined {
    const proto = this.#constant(value);
    if (!proto || sizeOf(proto.dims) !== 1) return undefined;
    // An integer before a cast, as PyTorch writes `clamp(-1, 2)`.
    if (proto.dataType === DATA_TYPE.int64) return this.integers(value as string)[0];
    if (!isFloat(proto.dataType)) return undefined;
    return this.floats(value as string).data[0];
  }

  /** A constant of one or more integers; undefined for anything else. */
  wholeNumbers(value: string | undefined): readonly number[] | undefined {
    const proto = this.#constant(value);
    if (proto?.dataType === DATA_TYPE.int64) return this.integers(value as string);
    const one = proto?.dataType === DATA_TYPE.float && sizeOf(proto.dims) <= MAX_SHAPE;
    return one ? Array.from(this.floats(value as string).data) : undefined;
  }

  /** @throws WeightsError unless the value is a constant list of 64-bit integers */
  integers(value: string): readonly number[] {
    const proto = this.#constant(value);
    if (proto?.dataType !== DATA_TYPE.int64) return this.#fail(value, "no constant list of integers", "one");
    this.#checkPresent(value, proto);
    const { rawData, int64Data, dims } = proto;
    const numbers = rawData ? Array.from(words(rawData, 8, BigInt64Array), Number) : int64Data;
    return this.#counted(value, numbers, dims);
  }

  /** The constant before copies and casts. */
  #constant(value: string | undefined): TensorProto | undefined {
    let name = value ?? "";
    for (let hops = 0; hops < MAX_HOPS && name !== ""; hops++) {
      const initializer = this.#initializers.get(name);
      if (initializer) return initializer;
      const node = this.#makers.get(name);
      if (node?.opType === "Constant") return constantOf(node);
      if (node?.opType !== "Identity" && node?.opType !== "Cast") return undefined;
      name = node.input[0] ?? "";
    }
    return undefined;
  }

  #decodeFloats(value: string, proto: TensorProto): Tensor {
    const { dataType, rawData, dims: shape } = proto;
    const all = (numbers: ArrayLike<number>) => ({
      data: new Float32Array(this.#counted(value, numbers, shape)),
      shape,
    });
    switch (dataType) {
      case DATA_TYPE.float:
        return all(rawData ? words(rawData, 4, Float32Array) : proto.floatData);
      case DATA_TYPE.float16:
      case DATA_TYPE.bfloat16: {
        const widen = dataType === DATA_TYPE.float16 ? widenFloat16 : widenBfloat16;
        const halves = rawData ? words(rawData, 2, Uint16Array) : Uint16Array.from(proto.int32Data);
        this.#counted(value, halves, shape);
        return deferred(shape, () => widen(halves));
      }
      case DATA_TYPE.double:
        return all(rawData ? words(rawData, 8, Float64Array) : proto.doubleData);
      default:
        return this.#fail(value, `data type ${dataType}`, "floats", "is this a quantised model? Export it in float32");
    }
  }

  /** Checks that a constant has as many numbers as its shape, before the shape is used. */
  #counted<T extends ArrayLike<number>>(value: string, numbers: T, dims: readonly number[]): T {
    if (dims.every((n) => Number.isInteger(n) && n >= 0) && numbers.length === sizeOf(dims)) return numbers;
    return this.#fail(value, `${numbers.length} numbers for shape ${show(dims)}`, "as many as the shape asks for");
  }

  /** Checks that data are in the file; external initializers are already loaded. */
  #checkPresent(value: string, { dataLocation, externalData }: TensorProto): void {
    if (dataLocation !== 1 && externalData.length === 0) return;
    this.#fail(value, "a node's own constant in another file", "all data of nodes in the model");
  }

  #fail(value: string, found: string, expected: string, hint?: string): never {
    throw new WeightsError({ where: `${this.where}: ${show(value)}`, found, expected, hint });
  }
}

/** A node's name in error messages. */
export function nodeName({ name, output, opType }: NodeProto): string {
  return show(`${opType} ${name || output[0]}`);
}

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

function constantOf(node: NodeProto): TensorProto | undefined {
  const attribute = node.attribute[0];
  switch (attribute?.name) {
    case "value":
      return attribute.t;
    case "value_float":
      return literal(DATA_TYPE.float, [], { floatData: [attribute.f ?? 0] });
    case "value_floats":
      return literal(DATA_TYPE.float, [attribute.floats.length], { floatData: attribute.floats });
    case "value_ints":
      return literal(DATA_TYPE.int64, [attribute.ints.length], { int64Data: attribute.ints });
    default:
      return undefined;
  }
}

function literal(dataType: number, dims: readonly number[], data: Partial<TensorProto>): TensorProto {
  return { dims, dataType, floatData: [], int32Data: [], int64Data: [], doubleData: [], externalData: [], ...data };
}

function isFloat(dataType: number | undefined): boolean {
  const { float, float16, bfloat16, double } = DATA_TYPE;
  return dataType === float || dataType === float16 || dataType === bfloat16 || dataType === double;
}

interface WordArray<A> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

/** Little-endian words, without an incomplete last one. */
function words<A>(bytes: Uint8Array, size: number, Words: WordArray<A>): A {
  // A copy, because a Buffer's slice() would be a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new Words(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / size));
}
