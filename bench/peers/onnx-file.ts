import protobuf from "protobufjs";

/** The part of ONNX's schema (onnx/onnx.proto3, IR version 8) that the bench needs: field names, types and numbers. */
const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        producerName: { type: "string", id: 2 },
        graph: { type: "GraphProto", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSetIdProto", id: 8 },
      },
    },
    OperatorSetIdProto: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    GraphProto: {
      fields: {
        node: { rule: "repeated", type: "NodeProto", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "TensorProto", id: 5 },
        input: { rule: "repeated", type: "ValueInfoProto", id: 11 },
        output: { rule: "repeated", type: "ValueInfoProto", id: 12 },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "AttributeProto", id: 5 },
      },
    },
    AttributeProto: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        ints: { rule: "repeated", type: "int64", id: 8 },
        type: { type: "int32", id: 20 },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1 },
        dataType: { type: "int32", id: 2 },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 },
      },
    },
    ValueInfoProto: { fields: { name: { type: "string", id: 1 }, type: { type: "TypeProto", id: 2 } } },
    TypeProto: { fields: { tensorType: { type: "TensorTypeProto", id: 1 } } },
    TensorTypeProto: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "TensorShapeProto", id: 2 } } },
    TensorShapeProto: { fields: { dim: { rule: "repeated", type: "DimensionProto", id: 1 } } },
    DimensionProto: { fields: { dimValue: { type: "int64", id: 1 } } },
  },
});

const FLOAT = 1;
/** AttributeProto.AttributeType */
const ATTRIBUTE = { float: 1, int: 2, ints: 7 };
/** HardSwish needs opset 14. */
const OPSET = 17;
const IR_VERSION = 8;

/** A whole number is an `int`, a list `ints`; `{ float }` is a float whatever its value. */
export type AttributeValue = number | readonly number[] | { readonly float: number };

export interface OnnxModel {
  readonly name: string;
  readonly nodes: {
    readonly opType: string;
    readonly input: readonly string[];
    readonly output: string;
    readonly attributes?: Readonly<Record<string, AttributeValue>>;
  }[];
  readonly weights: { readonly name: string; readonly dims: readonly number[]; readonly data: Float32Array }[];
  readonly input: Value;
  readonly output: Value;
}

interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

export function encode(model: OnnxModel): Uint8Array {
  const graph = {
    name: model.name,
    node: model.nodes.map(({ opType, input, output, attributes = {} }) => ({
      name: output,
      opType,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attribute(value) })),
    })),
    initializer: model.weights.map(({ name, dims, data }) => ({
      name,
      dims,
      dataType: FLOAT,
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    })),
    input: [valueInfo(model.input)],
    output: [valueInfo(model.output)],
  };
  const message = {
    irVersion: IR_VERSION,
    producerName: "mobilenets bench",
    opsetImport: [{ domain: "", version: OPSET }],
    graph,
  };
  return schema.lookupType("ModelProto").encode(message).finish();
}

function attribute(value: AttributeValue) {
  if (typeof value === "number") return { i: value, type: ATTRIBUTE.int };
  return "float" in value ? { f: value.float, type: ATTRIBUTE.float } : { ints: value, type: ATTRIBUTE.ints };
}

function valueInfo({ name, dims }: Value) {
  const shape = { dim: dims.map((dimValue) => ({ dimValue })) };
  return { name, type: { tensorType: { elemType: FLOAT, shape } } };
}
