import type { ByteBuffer } from "flatbuffers";
import { WeightsError } from "../../errors.ts";

/** Most bytes of a text: converters join the names of all ops that they fuse. */
const MAX_TEXT = 1 << 16;

/**
 * A table in an untrusted FlatBuffer. The `flatbuffers` runtime does not check offsets. This class checks each offset
 * against the file's size before it follows it, and each count before it uses it.
 *
 * A table begins with the distance back to its vtable, which has each field's offset from the table's start, 0 for a
 * missing field. Every reader takes the field's number in the schema.
 */
export class Table {
  readonly #file: ByteBuffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly #where: string;

  private constructor(file: ByteBuffer, at: number, where: string) {
    this.#file = file;
    this.#at = at;
    this.#where = where;
    this.#need(at, 4);
    this.#vtable = at - file.readInt32(at);
    this.#need(this.#vtable, 4);
    this.#vtableBytes = file.readUint16(this.#vtable);
    this.#need(this.#vtable, this.#vtableBytes);
  }

  /** The root table, to which the file's first number points. */
  static root(file: ByteBuffer, where: string): Table {
    const size = file.capacity();
    if (size < 8) throw new WeightsError({ where, found: `${size} bytes`, expected: "a FlatBuffer" });
    return new Table(file, file.readUint32(0), where);
  }

  int8(field: number, fallback = 0): number {
    const at = this.#scalar(field, 1);
    return at === 0 ? fallback : this.#file.readInt8(at);
  }

  uint8(field: number, fallback = 0): number {
    const at = this.#scalar(field, 1);
    return at === 0 ? fallback : this.#file.readUint8(at);
  }

  int32(field: number, fallback = 0): number {
    const at = this.#scalar(field, 4);
    return at === 0 ? fallback : this.#file.readInt32(at);
  }

  uint32(field: number, fallback = 0): number {
    const at = this.#scalar(field, 4);
    return at === 0 ? fallback : this.#file.readUint32(at);
  }

  float32(field: number, fallback = 0): number {
    const at = this.#scalar(field, 4);
    return at === 0 ? fallback : this.#file.readFloat32(at);
  }

  table(field: number): Table | undefined {
    const at = this.#scalar(field, 4);
    return at === 0 ? undefined : this.#follow(at);
  }

  /** A vector of tables, each made on access: a file may claim any number of them. */
  tables(field: number): { readonly length: number; at(i: number): Table } {
    const { at, length } = this.#vector(field, 4);
    return { length, at: (i) => this.#follow(at + 4 * i) };
  }

  /** @param most most elements accepted */
  int32s(field: number, most: number): readonly number[] {
    const { at, length } = this.#vector(field, 4, most);
    return Array.from({ length }, (_, i) => this.#file.readInt32(at + 4 * i));
  }

  /** A vector of 64-bit integers, which must be exact as numbers. */
  int64s(field: number, most: number): readonly number[] {
    const { at, length } = this.#vector(field, 8, most);
    return Array.from({ length }, (_, i) => {
      const value = Number(this.#file.readInt64(at + 8 * i));
      return Number.isSafeInteger(value) ? value : this.#refuse(`the integer ${value}`, "one below 2^53");
    });
  }

  float32s(field: number, most: number): readonly number[] {
    const { at, length } = this.#vector(field, 4, most);
    return Array.from({ length }, (_, i) => this.#file.readFloat32(at + 4 * i));
  }

  /** A view into the file. */
  bytes(field: number): Uint8Array {
    const { at, length } = this.#vector(field, 1);
    return this.#file.bytes().subarray(at, at + length);
  }

  text(field: number): string {
    const { at, length } = this.#vector(field, 1, MAX_TEXT);
    return new TextDecoder().decode(this.#file.bytes().subarray(at, at + length));
  }

  /** Offset of a field's value; 0, which is in the file's header, if the field is missing. */
  #scalar(field: number, bytes: number): number {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#vtableBytes) return 0;
    const distance = this.#file.readUint16(this.#vtable + entry);
    if (distance === 0) return 0;
    this.#need(this.#at + distance, bytes);
    return this.#at + distance;
  }

  #vector(field: number, bytes: number, most = Number.POSITIVE_INFINITY): { at: number; length: number } {
    const offset = this.#scalar(field, 4);
    if (offset === 0) return { at: 0, length: 0 };
    const start = offset + this.#file.readUint32(offset);
    this.#need(start, 4);
    const length = this.#file.readUint32(start);
    this.#need(start + 4, length * bytes);
    if (length > most) this.#refuse(`a list of ${length}`, `at most ${most}`);
    return { at: start + 4, length };
  }

  #follow(at: number): Table {
    return new Table(this.#file, at + this.#file.readUint32(at), this.#where);
  }

  #need(at: number, bytes: number): void {
    if (at >= 0 && at + bytes <= this.#file.capacity()) return;
    this.#refuse(`a reference to bytes ${at} to ${at + bytes}`, `none beyond the file's ${this.#file.capacity()}`);
  }

  #refuse(found: string, expected: string): never {
    throw new WeightsError({ where: this.#where, found, expected, hint: "is the file cut short or damaged?" });
  }
}
