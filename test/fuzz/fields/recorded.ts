import { ByteBuffer } from "flatbuffers";
import { Cursor } from "../../../packages/mobilenets/src/weights/containers/hdf5/source.ts";
import { below, chance, pick, type Rng } from "../dice.ts";
import { howMany } from "../specimen.ts";
import { hostileName, hostileNumber } from "./hostile.ts";

/** Bytes of a file that its reader reads as one value. */
export interface Field {
  readonly at: number;
  readonly size: number;
  readonly type: "integer" | "float" | "text";
  /** The functions that read it, innermost first. */
  readonly reader: string;
}

/** Longest text of a field; longer texts are contents. */
const LONGEST_TEXT = 64;

/**
 * The fields of a binary file: lengths, offsets, counts and names, at the places where our reader reads them. Bytes that it
 * does not read cannot do harm.
 */
export function fieldsRead(file: Uint8Array, read: (file: Uint8Array) => Promise<unknown>): Promise<Field[]> {
  const fields = last.then(() => record(file, read));
  last = fields.catch(() => {});
  return fields;
}

/** The last recording. They run one at a time, because each restores the methods that it found. */
let last: Promise<unknown> = Promise.resolve();

async function record(file: Uint8Array, read: (file: Uint8Array) => Promise<unknown>): Promise<Field[]> {
  const fields = new Map<string, Field>();
  const note = (buffer: ArrayBufferLike, at: number, size: number, type: Field["type"]) => {
    if (buffer !== file.buffer || size === 0 || size > LONGEST_TEXT) return;
    const start = at - file.byteOffset;
    fields.set(`${start} ${size}`, { at: start, size, type, reader: callers() });
  };
  const restore = [...watchViews(note), ...watchFlatbuffers(note), watchCursors(note)];
  try {
    await read(file);
  } finally {
    for (const undo of restore) undo();
  }
  if (fields.size === 0) throw new Error("no fields: the file is read by other means than those that are watched");
  return [...fields.values()].sort((a, b) => a.at - b.at);
}

type Note = (buffer: ArrayBufferLike, at: number, size: number, type: Field["type"]) => void;
// biome-ignore lint/suspicious/noExplicitAny: methods of any signature are wrapped
type Method = (this: any, ...args: any[]) => any;

function wrap(prototype: object, name: string, around: (method: Method) => Method): () => void {
  const methods = prototype as Record<string, Method>;
  const method = methods[name];
  methods[name] = around(method);
  return () => {
    methods[name] = method;
  };
}

/** Records reads by DataView, as of zip archives. */
function watchViews(note: Note): (() => void)[] {
  const sizes = { Uint16: 2, Int16: 2, Uint32: 4, Int32: 4, BigUint64: 8, BigInt64: 8, Float32: 4, Float64: 8 };
  return Object.entries(sizes).map(([kind, size]) =>
    wrap(DataView.prototype, `get${kind}`, (method) => {
      return function (at: number, ...rest) {
        const value = method.call(this, at, ...rest);
        note(this.buffer, this.byteOffset + at, size, kind.startsWith("Float") ? "float" : "integer");
        return value;
      };
    }),
  );
}

function watchFlatbuffers(note: Note): (() => void)[] {
  const sizes = { Int8: 1, Uint8: 1, Int16: 2, Uint16: 2, Int32: 4, Uint32: 4, Int64: 8, Float32: 4 };
  return Object.entries(sizes).map(([kind, size]) =>
    wrap(ByteBuffer.prototype, `read${kind}`, (method) => {
      return function (at: number) {
        const bytes = (this as ByteBuffer).bytes();
        note(bytes.buffer, bytes.byteOffset + at, size, kind === "Float32" ? "float" : "integer");
        return method.call(this, at);
      };
    }),
  );
}

/** Records reads of HDF5 by cursors. */
function watchCursors(note: Note): () => void {
  return wrap(Cursor.prototype, "bytes", (method) => {
    return function (count: number) {
      const bytes = method.call(this, count) as Uint8Array;
      note(bytes.buffer, bytes.byteOffset, count, count <= 8 ? "integer" : "text");
      return bytes;
    };
  });
}

function callers(): string {
  // The text of a stack is slow, because Node looks up sources; a reader reads some thousands of values.
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites;
  const sites = new Error().stack as unknown as readonly NodeJS.CallSite[];
  Error.prepareStackTrace = prepareStackTrace;
  const own = /^(callers|note|Cursor\.|Table\.|ByteBuffer\.|Object\.callback|DataView\.|Array\.|Function\.|record)/;
  return sites
    .flatMap((site) => /^(?:async )?(?:new )?([^ ]+) \(/.exec(String(site))?.[1] ?? [])
    .filter((name) => !own.test(name))
    .slice(0, 3)
    .join(" < ");
}

/** A copy of a file with one to three of its fields changed. */
export function changeFields(
  file: Uint8Array,
  fields: readonly Field[],
  rng: Rng,
): { bytes: Uint8Array; changes: string[] } {
  const bytes = new Uint8Array(file);
  const readers = [...new Set(fields.map(({ reader }) => reader))];
  const changes = Array.from({ length: howMany(rng) }, () => {
    const reader = pick(rng, readers);
    const alike = fields.filter((field) => field.reader === reader);
    const field = chance(rng, 0.7) ? pick(rng, alike) : pick(rng, fields);
    return `${field.size} bytes at ${field.at} (${field.reader}): ${change(bytes, field, fields, alike, rng)}`;
  });
  return { bytes, changes };
}

function change(bytes: Uint8Array, field: Field, all: readonly Field[], alike: readonly Field[], rng: Rng): string {
  const { at, size, type } = field;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (type === "text") {
    const name = new TextEncoder().encode(hostileName(rng)).subarray(0, size);
    bytes.fill(0, at, at + size).set(name, at);
    return `now the text ${JSON.stringify(new TextDecoder().decode(name))}`;
  }
  // The value of another field: another structure's address or name, or another element type.
  const others = (chance(rng, 0.5) ? alike : all).filter((other) => other.size === size);
  if (others.length > 0 && chance(rng, 0.3)) {
    const other = pick(rng, others);
    bytes.copyWithin(at, other.at, other.at + size);
    return `as at ${other.at}`;
  }
  if (type === "float" && (size === 4 || size === 8)) {
    const value = hostileNumber(rng, size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
    if (size === 4) view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
    return `now ${value}`;
  }
  const before = bytes.subarray(at, at + size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const after = BigInt.asUintN(8 * size, hostileInteger(before, at, bytes.length, rng));
  for (let i = 0; i < size; i++) bytes[at + i] = Number((after >> BigInt(8 * i)) & 0xffn);
  return `${before} becomes ${after}`;
}

function hostileInteger(before: bigint, at: number, length: number, rng: Rng): bigint {
  const near = BigInt(below(rng, 32) - 16);
  const file = BigInt(pick(rng, [at, length, length - at, below(rng, length)]));
  const value = pick(rng, [before + 1n, before - 1n, before * 2n, before / 2n, before + near, before ^ 1n, -before]);
  const round = pick(rng, [0n, 1n, 2n, -1n, -2n, 2n ** 15n, 2n ** 16n - 1n, 2n ** 31n, 2n ** 31n - 1n, 2n ** 32n - 1n]);
  const wide = pick(rng, [2n ** 32n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 63n, 2n ** 40n]);
  const bit = before ^ (1n << BigInt(below(rng, 64)));
  return pick(rng, [value, value, value, round, round, wide, file, file + near, bit]);
}
