import type { Field, Message, Scalar } from "./codec.ts";

/*
 * The part of ONNX's schema for networks with weights, with the numbers and names of onnx/onnx.proto3 of the ONNX
 * repository (IR version 8), which never change their meaning. Subgraphs (control flow) are left out on purpose.
 */

const one = (name: string, kind: Scalar | Message): Field => ({ name, kind });
const many = (name: string, kind: Scalar | Message): Field => ({ name, kind, repeated: true });

const entry: Message = { 1: one("key", "string"), 2: one("value", "string") };

const tensorProto: Message = {
  1: many("dims", "int"),
  2: one("dataType", "int"),
  4: many("floatData", "float"),
  5: many("int32Data", "int"),
  7: many("int64Data", "int"),
  8: one("name", "string"),
  9: one("rawData", "bytes"),
  10: many("doubleData", "double"),
  13: many("externalData", entry),
  14: one("dataLocation", "int"),
};

const attributeProto: Message = {
  1: one("name", "string"),
  2: one("f", "float"),
  3: one("i", "int"),
  4: one("s", "bytes"),
  5: one("t", tensorProto),
  7: many("floats", "float"),
  8: many("ints", "int"),
  20: one("type", "int"),
};

const nodeProto: Message = {
  1: many("input", "string"),
  2: many("output", "string"),
  3: one("name", "string"),
  4: one("opType", "string"),
  5: many("attribute", attributeProto),
  7: one("domain", "string"),
};

const dimension: Message = { 1: one("dimValue", "int"), 2: one("dimParam", "string") };
const tensorType: Message = { 1: one("elemType", "int"), 2: one("shape", { 1: many("dim", dimension) }) };
const valueInfoProto: Message = { 1: one("name", "string"), 2: one("type", { 1: one("tensorType", tensorType) }) };

const graphProto: Message = {
  1: many("node", nodeProto),
  2: one("name", "string"),
  5: many("initializer", tensorProto),
  11: many("input", valueInfoProto),
  12: many("output", valueInfoProto),
};

export const modelProto: Message = {
  1: one("irVersion", "int"),
  2: one("producerName", "string"),
  3: one("producerVersion", "string"),
  7: one("graph", graphProto),
  8: many("opsetImport", { 1: one("domain", "string"), 2: one("version", "int") }),
  14: many("metadataProps", entry),
};

export interface ModelProto {
  readonly irVersion?: number;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly graph?: GraphProto;
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: number }[];
  readonly metadataProps: readonly Entry[];
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name?: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain?: string;
}

export interface AttributeProto {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly type?: number;
}

export interface TensorProto {
  readonly dims: readonly number[];
  readonly dataType?: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly number[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly doubleData: readonly number[];
  readonly externalData: readonly Entry[];
  readonly dataLocation?: number;
}

export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: { readonly tensorType?: TensorTypeProto };
}

export interface TensorTypeProto {
  readonly elemType?: number;
  readonly shape?: { readonly dim: readonly DimensionProto[] };
}

/** A size, a name for an open size, or neither. */
export interface DimensionProto {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

export interface Entry {
  readonly key?: string;
  readonly value?: string;
}

/** TensorProto.DataType */
export const DATA_TYPE = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
  double: 11,
  bfloat16: 16,
} as const;

/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;
