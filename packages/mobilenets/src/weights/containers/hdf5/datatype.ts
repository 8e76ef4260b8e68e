import { widenBfloat16, widenFloat16 } from "../half.ts";
import { Cursor, type GlobalHeap, type Source, text } from "./source.ts";

/** The type of an element in the file. */
export type Datatype =
  /** Numbers, with a function that reads an array of them. */
  | { readonly kind: "float"; readonly size: number; readonly read: (buffer: ArrayBuffer) => Float32Array }
  /** Signed bytes, for quantised weights. */
  | { readonly kind: "int8"; readonly size: 1; readonly read: (buffer: ArrayBuffer) => Float32Array }
  /** Text of a fixed number of bytes, terminated or padded by zeros. */
  | { readonly kind: "text"; readonly size: number }
  /** A reference to text of any length. */
  | { readonly kind: "reference to text"; readonly size: number }
  /** Other data that Keras writes: states of random generators, empty lists. */
  | { readonly kind: "other"; readonly size: number };

const CLASS = { integer: 0, float: 1, string: 3, variableLength: 9 } as const;
const IS_TEXT = 1;
const SIGNED = 0x08;
const BIG_ENDIAN = 0x01;

const floats: ReadonlyMap<string, (buffer: ArrayBuffer) => Float32Array> = new Map([
  ["2 bytes, exponent of 5 bits", (buffer) => widenFloat16(new Uint16Array(buffer))],
  ["2 bytes, exponent of 8 bits", (buffer) => widenBfloat16(new Uint16Array(buffer))],
  ["4 bytes, exponent of 8 bits", (buffer) => new Float32Array(buffer)],
  // Float64 is rounded to the nearest float32, with which engines compute.
  ["8 bytes, exponent of 11 bits", (buffer) => new Float32Array(new Float64Array(buffer))],
]);

export function readDatatype(source: Source, c: Cursor): Datatype {
  const classAndVersion = c.u8();
  const bits = c.uint(3);
  const size = c.u32();
  switch (classAndVersion & 0x0f) {
    case CLASS.float: {
      if (bits & BIG_ENDIAN) source.unsupported("big-endian numbers");
      c.skip(2 + 2 + 1);
      const description = `${size} bytes, exponent of ${c.u8()} bits`;
      const read = floats.get(description) ?? source.unsupported(`floating-point numbers of ${description}`);
      return { kind: "float", size, read };
    }
    case CLASS.integer: {
      const read = (buffer: ArrayBuffer) => Float32Array.from(new Int8Array(buffer));
      return size === 1 && (bits & SIGNED) !== 0 ? { kind: "int8", size: 1, read } : { kind: "other", size };
    }
    case CLASS.string:
      return { kind: "text", size };
    case CLASS.variableLength:
      return { kind: (bits & 0x0f) === IS_TEXT ? "reference to text" : "other", size };
    default:
      return { kind: "other", size };
  }
}

/** Shape of a dataset or attribute; empty for a single value, null for no value. */
export function readDataspace(c: Cursor): readonly number[] | null {
  const version = c.version(1, 2);
  const rank = c.u8();
  c.skip(1);
  const NONE = 2;
  if (version === 1) c.skip(5);
  else if (c.u8() === NONE) return null;
  return Array.from({ length: rank }, () => c.size());
}

/** Texts of an attribute. The bytes of each count separately, because many references may point to one text. */
export function readTexts(source: Source, type: Datatype, count: number, c: Cursor): readonly string[] {
  const size = type.kind === "text" ? type.size : 4 + source.addressSize + 4;
  if (size === 0 || count * size > c.left) source.damaged(`${count} texts of ${size} bytes in ${c.left}`);
  return Array.from({ length: count }, () => (type.kind === "text" ? text(c.bytes(size)) : readReferenced(source, c)));
}

function readReferenced(source: Source, c: Cursor): string {
  const length = c.u32();
  const address = c.definedAddress();
  const index = c.u32();
  if (length === 0) return "";
  let heap = source.heaps.get(address);
  if (!heap) {
    heap = readGlobalHeap(source, address);
    source.heaps.set(address, heap);
  }
  const place = heap.places.get(index) ?? source.damaged(`text ${index} missing in a heap`);
  source.spend(length);
  return text(new Cursor(source, heap.bytes.subarray(place), "a text").bytes(length));
}

function readGlobalHeap(source: Source, address: number): GlobalHeap {
  const prefix = 8 + source.lengthSize;
  const head = source.cursor(address, prefix, "a global heap");
  head.signature("GCOL");
  head.version(1);
  head.skip(3);
  const size = head.size();
  const bytes = source.cursor(address, size, "a global heap").bytes(size);
  const c = new Cursor(source, bytes, "a global heap");
  c.skip(prefix);
  const places = new Map<number, number>();
  while (c.left >= prefix) {
    const index = c.u16();
    c.skip(2 + 4);
    const length = c.size();
    // Index 0 is the free space at the end.
    if (index === 0) break;
    places.set(index, c.position);
    c.skip(length);
    c.align();
  }
  return { bytes, places };
}
