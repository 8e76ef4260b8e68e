import type { Reader, Writer } from "protobufjs";
import { peerError, present } from "../../platform/peer.ts";

/**
 * Protocol Buffers by plain tables. protobufjs reads and writes the wire format; its own support for schemas generates
 * functions from text at run time, which pages with a strict content security policy forbid.
 */
export interface Field {
  readonly name: string;
  readonly kind: Scalar | Message;
  readonly repeated?: true;
}

export type Scalar = "int" | "float" | "double" | "string" | "bytes";

/** Fields by number. Messages must not contain themselves, which bounds the depth of decoding. */
export type Message = Readonly<Record<number, Field>>;

export interface Wire {
  readonly Reader: typeof Reader;
  readonly Writer: typeof Writer;
}

/** Loads the npm package `protobufjs`. @throws WeightsError if it is not installed */
export async function loadWire(purpose: string): Promise<Wire> {
  try {
    return present((await import("protobufjs/minimal.js")).default, "Reader");
  } catch (cause) {
    throw peerError("protobufjs", purpose, cause);
  }
}

/**
 * Most values of a file: networks have some thousands. An empty message takes two bytes in a file and a hundred in memory.
 */
const MAX_VALUES = 500_000;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const WIRE_TYPES: Readonly<Record<Scalar, number>> = {
  int: VARINT,
  float: FIXED32,
  double: FIXED64,
  string: DELIMITED,
  bytes: DELIMITED,
};

type Values = Record<string, unknown>;

/**
 * Decodes a message. Repeated fields are lists, perhaps empty; other missing fields are left out; the last of duplicate
 * fields counts. Bytes are views. Integers beyond 2^53 lose precision.
 * @throws Error for bytes that are not such a message, or a message of unreasonable size
 */
export function decode({ Reader }: Wire, message: Message, bytes: Uint8Array): unknown {
  const reader = Reader.create(plain(bytes));
  let left = MAX_VALUES;

  function decodeMessage(fields: Message, end: number): Values {
    const values: Values = {};
    for (const { name, repeated } of Object.values(fields)) if (repeated) values[name] = [];
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = fields[tag >>> 3];
      const type = tag & 7;
      if (!field) {
        skip(type);
        continue;
      }
      if (--left < 0) throw new Error(`more than ${MAX_VALUES} values`);
      const list = field.repeated ? (values[field.name] as unknown[]) : undefined;
      if (list && type === DELIMITED && isNumeric(field.kind)) {
        const packedEnd = delimited();
        while (reader.pos < packedEnd) list.push(decodeValue(field.kind));
        if (reader.pos !== packedEnd) throw new Error("a list that ends within a number");
        continue;
      }
      if (type !== wireType(field.kind)) throw new Error(`field "${field.name}" has wire type ${type}`);
      const value = typeof field.kind === "object" ? decodeMessage(field.kind, delimited()) : decodeValue(field.kind);
      if (list) list.push(value);
      else values[field.name] = value;
    }
    if (reader.pos !== end) throw new Error("a field that is longer than what holds it");
    return values;
  }

  /** The end of the length-prefixed value at the current position. */
  function delimited(): number {
    const length = reader.uint32();
    const end = reader.pos + length;
    if (end > reader.len) throw new Error(`a value of ${length} bytes where ${reader.len - reader.pos} are left`);
    return end;
  }

  function decodeValue(kind: Scalar): number | string | Uint8Array {
    if (kind === "int") return Number(reader.int64());
    return reader[kind]();
  }

  function skip(type: number): void {
    if (type === DELIMITED) reader.pos = delimited();
    else if (type === VARINT || type === FIXED32 || type === FIXED64) reader.skipType(type);
    else throw new Error(`wire type ${type}`);
  }

  return decodeMessage(message, bytes.length);
}

/** Encodes a result of `decode`. Undefined values are left out; lists of numbers are packed. */
export function encode({ Writer }: Wire, message: Message, values: object): Uint8Array {
  const writer = Writer.create();
  encodeMessage(writer, message, values as Values);
  return plain(writer.finish());
}

/** Turns a Node Buffer, from the caller or protobufjs, into a plain array: a Buffer slices and prints differently. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function encodeMessage(writer: Writer, message: Message, values: Values): void {
  for (const [number, { name, kind, repeated }] of Object.entries(message)) {
    const value = values[name];
    if (value === undefined) continue;
    const tag = Number(number) << 3;
    const list = repeated ? (value as readonly unknown[]) : [value];
    if (repeated && isNumeric(kind)) {
      if (list.length === 0) continue;
      writer.uint32(tag | DELIMITED).fork();
      for (const item of list) encodeValue(writer, kind, item);
      writer.ldelim();
      continue;
    }
    for (const item of list) {
      writer.uint32(tag | wireType(kind));
      if (typeof kind === "object") {
        encodeMessage(writer.fork(), kind, item as Values);
        writer.ldelim();
      } else {
        encodeValue(writer, kind, item);
      }
    }
  }
}

function encodeValue(writer: Writer, kind: Scalar, value: unknown): void {
  if (kind === "bytes") writer.bytes(value as Uint8Array);
  else if (kind === "string") writer.string(value as string);
  else if (kind === "int") writer.int64(value as number);
  else writer[kind](value as number);
}

function isNumeric(kind: Scalar | Message): kind is "int" | "float" | "double" {
  return kind === "int" || kind === "float" || kind === "double";
}

function wireType(kind: Scalar | Message): number {
  return typeof kind === "string" ? WIRE_TYPES[kind] : DELIMITED;
}
