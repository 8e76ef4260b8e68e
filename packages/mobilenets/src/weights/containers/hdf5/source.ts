import { WeightsError } from "../../../errors.ts";
import { unpackedLimit } from "../inflate.ts";

/** A heap of attributes' texts: the start of each, by index. */
export interface GlobalHeap {
  readonly bytes: Uint8Array;
  readonly places: ReadonlyMap<number, number>;
}

/**
 * Most bytes read, in lengths of the file. A valid file needs one or two reads of each structure; addresses that form
 * circles would need endless reads.
 */
const MAX_PASSES = 4;

/**
 * The bytes of an HDF5 file. All reads use cursors, which stay inside the file. Cursors count bytes, so that neither
 * loops of addresses nor many names for the same bytes can take more time or memory than a few times the file's length.
 */
export class Source {
  /** Names the file in errors. */
  readonly where: string;
  readonly length: number;
  /** Bytes of a file address, and of a length, from the superblock. */
  addressSize = 8;
  lengthSize = 8;
  /** Heaps by address: many attributes have their texts in one. */
  readonly heaps = new Map<number, GlobalHeap>();
  readonly #bytes: Uint8Array;
  #allowance: number;
  #growth: number;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.where = where;
    this.length = bytes.length;
    this.#allowance = MAX_PASSES * bytes.length;
    this.#growth = unpackedLimit(bytes.length);
  }

  /** A cursor on a range. @throws WeightsError if it is not inside the file; `what` names the structure */
  cursor(address: number, length: number, what: string): Cursor {
    if (address + length > this.length) this.damaged(`${what} at ${address} to ${address + length} of ${this.length}`);
    this.spend(length);
    return new Cursor(this, this.#bytes.subarray(address, address + length), what);
  }

  /** Counts bytes that are read or decoded. */
  spend(bytes: number): void {
    this.#allowance -= bytes;
    if (this.#allowance < 0) this.damaged("structures that refer to the same bytes too often");
  }

  /** Counts decompressed bytes. */
  grow(bytes: number): void {
    this.#growth -= bytes;
    if (!(this.#growth >= 0)) this.damaged(`datasets of ${bytes} bytes and more in a file of ${this.length}`);
  }

  damaged(found: string): never {
    throw new WeightsError({
      where: this.where,
      found: `damaged HDF5 structure: ${found}`,
      hint: "is the file cut short or corrupt?",
    });
  }

  unsupported(found: string, hint = "load the file in Keras and save it again"): never {
    throw new WeightsError({ where: this.where, found: `HDF5 with ${found}`, expected: "what Keras writes", hint });
  }

  /** Throws for a file that the C library's tool can convert. */
  unpackable(found: string): never {
    return this.unsupported(found, "unpack it: h5repack --filter=NONE --layout=CONTI old.h5 new.h5");
  }
}

/** Reads a structure's little-endian fields one after the other. */
export class Cursor {
  readonly source: Source;
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(source: Source, bytes: Uint8Array, what: string) {
    this.source = source;
    this.#bytes = bytes;
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(count: number): Uint8Array {
    if (count > this.left) this.source.damaged(`${this.#what} that ends ${count - this.left} bytes too early`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A cursor on the next bytes, as a separate structure. */
  take(count: number, what = this.#what): Cursor {
    return new Cursor(this.source, this.bytes(count), what);
  }

  skip(count: number): void {
    this.bytes(count);
  }

  get position(): number {
    return this.#at;
  }

  /** Moves to the next multiple of 8, to which old versions pad their fields. */
  align(): void {
    this.skip(Math.min(this.left, -this.#at & 7));
  }

  /** Reads an unsigned integer of 1 to 8 bytes. */
  uint(size: number): number {
    const value = this.bytes(size).reduceRight((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : this.source.damaged(`a size of ${value} in ${this.#what}`);
  }

  u8(): number {
    return this.uint(1);
  }

  u16(): number {
    return this.uint(2);
  }

  u32(): number {
    return this.uint(4);
  }

  size(): number {
    return this.uint(this.source.lengthSize);
  }

  /** Reads an address in the file; null for the format's "undefined", all bits set. */
  address(): number | null {
    const { addressSize } = this.source;
    if (this.#bytes.subarray(this.#at, this.#at + addressSize).every((byte) => byte === 0xff)) {
      this.skip(addressSize);
      return null;
    }
    return this.uint(addressSize);
  }

  definedAddress(): number {
    return this.address() ?? this.source.damaged(`no address in ${this.#what}`);
  }

  /** Checks the characters at the start of a structure. */
  signature(expected: string): void {
    if (String.fromCharCode(...this.bytes(expected.length)) !== expected) {
      this.source.damaged(`${this.#what} without its signature ${expected}`);
    }
  }

  version(...known: readonly number[]): number {
    const version = this.u8();
    return known.includes(version) ? version : this.source.unsupported(`version ${version} of ${this.#what}`);
  }
}

const utf8 = new TextDecoder();

/** Text up to the first zero byte, if there is one. */
export function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
