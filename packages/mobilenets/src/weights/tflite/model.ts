import type { ByteBuffer } from "flatbuffers";
import { WeightsError } from "../../errors.ts";
import type { Quantization, StorageType } from "../../graph/value-type.ts";
import { show } from "../../show.ts";
import type { Shape } from "../../tensor.ts";
import { Table } from "./flatbuffer.ts";
import {
  BUFFER,
  CODE,
  METADATA,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  type OpName,
  QUANTIZATION,
  SCHEMA_VERSION,
  SUBGRAPH,
  TENSOR,
  TYPE,
  type TypeName,
} from "./schema.ts";

/** Most operators. The largest MobileNet has about 250. */
const MAX_OPERATORS = 4096;
/** Most inputs of one operator. */
const MAX_INPUTS = 16;
const MAX_RANK = 8;
const MAX_CHANNELS = 1 << 20;
const MAX_METADATA = 64;

/** A file's only subgraph. Indices refer to its tensors. */
export interface TfliteModel {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Operators in execution order. */
  readonly operators: readonly Operator[];
  tensor(index: number): TfliteTensor;
  /** Metadata by name; undefined if the file has none of that name. */
  metadata(name: string): Uint8Array | undefined;
}

export interface Operator {
  readonly op: OpName;
  /** -1 for an optional input that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Table;
}

export interface TfliteTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly type: TypeName;
  /** The constant's bytes, little-endian; undefined for a computed tensor. */
  readonly data?: Uint8Array;
  readonly quantisation?: TfliteQuantisation;
}

/** Several scales count along `axis`, which the file also has for one scale. */
export interface TfliteQuantisation extends Quantization {
  readonly type: Exclude<StorageType, "float32" | "float16">;
  readonly axis: number;
}

/** @throws WeightsError for a file that is not TFLite, has several subgraphs, or operators that MobileNets do not have */
export function parseModel(file: ByteBuffer, where: string): TfliteModel {
  const refuse = (found: string, expected?: string, hint?: string): never => {
    throw new WeightsError({ where, found, expected, hint });
  };
  const root = Table.root(file, where);
  const version = root.uint32(MODEL.version);
  if (version !== SCHEMA_VERSION) refuse(`schema version ${version}`, String(SCHEMA_VERSION));
  const subgraphs = root.tables(MODEL.subgraphs);
  if (subgraphs.length !== 1) refuse(`${subgraphs.length} subgraphs`, "1");
  const subgraph = subgraphs.at(0);
  const tensors = subgraph.tables(SUBGRAPH.tensors);
  const buffers = root.tables(MODEL.buffers);

  function tensor(index: number): TfliteTensor {
    if (!(index >= 0 && index < tensors.length)) refuse(`tensor ${index}`, `one of the ${tensors.length}`);
    const table = tensors.at(index);
    const name = table.text(TENSOR.name) || `tensor_${index}`;
    const type = table.int8(TENSOR.type);
    const [typeName] = (Object.keys(TYPE) as TypeName[]).filter((key) => TYPE[key] === type);
    const here = `${where}: ${name}`;
    if (!typeName) {
      throw new WeightsError({ where: here, found: `tensor type ${type}`, expected: Object.keys(TYPE).join(", ") });
    }
    const data = bufferOf(table.uint32(TENSOR.buffer));
    return {
      name,
      shape: table.int32s(TENSOR.shape, MAX_RANK),
      type: typeName,
      data: data.length > 0 ? data : undefined,
      quantisation: quantisationOf(table.table(TENSOR.quantization), typeName, here),
    };
  }

  function bufferOf(index: number): Uint8Array {
    if (index >= buffers.length) refuse(`buffer ${index}`, `one of the ${buffers.length}`);
    return buffers.at(index).bytes(BUFFER.data);
  }

  const codes = root.tables(MODEL.operatorCodes);
  function opName(index: number): OpName {
    if (index >= codes.length) refuse(`operator code ${index}`, `one of the ${codes.length}`);
    const table = codes.at(index);
    const code = Math.max(table.int8(OPERATOR_CODE.deprecatedCode), table.int32(OPERATOR_CODE.code));
    const [name] = (Object.keys(CODE) as OpName[]).filter((key) => CODE[key] === code);
    const custom = table.text(OPERATOR_CODE.customCode);
    return (
      name ??
      refuse(
        custom ? `custom operator ${show(custom)}` : `builtin operator ${code}`,
        `those of MobileNets: ${Object.keys(CODE).join(", ")}`,
        "is this a MobileNet classifier, and not a detector or a file compiled for the Edge TPU? The model it was converted from " +
          "(.keras, ONNX) may have that as a supported layer",
      )
    );
  }

  const operators = subgraph.tables(SUBGRAPH.operators);
  if (operators.length > MAX_OPERATORS) refuse(`${operators.length} operators`, `at most ${MAX_OPERATORS}`);
  const metadata = root.tables(MODEL.metadata);
  return {
    inputs: subgraph.int32s(SUBGRAPH.inputs, MAX_INPUTS),
    outputs: subgraph.int32s(SUBGRAPH.outputs, MAX_INPUTS),
    operators: Array.from({ length: operators.length }, (_, i) => {
      const table = operators.at(i);
      return {
        op: opName(table.uint32(OPERATOR.code)),
        inputs: table.int32s(OPERATOR.inputs, MAX_INPUTS),
        outputs: table.int32s(OPERATOR.outputs, MAX_INPUTS),
        options: table.table(OPERATOR.options),
      };
    }),
    tensor,
    metadata(name) {
      for (let i = 0; i < Math.min(metadata.length, MAX_METADATA); i++) {
        if (metadata.at(i).text(METADATA.name) === name) return bufferOf(metadata.at(i).uint32(METADATA.buffer));
      }
      return undefined;
    },
  };
}

/** A tensor's quantisation; undefined for floats, and for plain integers such as shapes, which have no scales. */
function quantisationOf(table: Table | undefined, type: TypeName, where: string): TfliteQuantisation | undefined {
  const scales = table?.float32s(QUANTIZATION.scale, MAX_CHANNELS) ?? [];
  if (!table || scales.length === 0 || type === "float32" || type === "float16" || type === "int64") return undefined;
  const given = table.int64s(QUANTIZATION.zeroPoint, MAX_CHANNELS);
  const zeroPoints = given.length > 0 ? given : scales.map(() => 0);
  if (zeroPoints.length !== scales.length || !scales.every((scale) => scale > 0 && Number.isFinite(scale))) {
    throw new WeightsError({
      where,
      found: `${scales.length} scales from ${scales.reduce((least, scale) => Math.min(least, scale))} with ${zeroPoints.length} zero points`,
      expected: "positive scales and as many zero points",
    });
  }
  return { type, scales, zeroPoints, axis: table.int32(QUANTIZATION.dimension) };
}
