import type { Picture } from "../../image/picture.ts";

/** Pictures share blocks of this size: a buffer of its own would cost a small picture more than its samples. */
const BLOCK = 4 * 2 ** 20;

/**
 * Caches the first decoded pictures that fit into `limit` bytes. It evicts none: an epoch needs every picture once, so
 * the least recently used one is needed next.
 */
export class PictureCache {
  readonly #limit: number;
  readonly #pictures = new Map<number, Picture>();
  #used = 0;
  #block = new Uint8Array(0);
  #filled = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of samples in the cache. */
  get bytes(): number {
    return this.#used;
  }

  get(index: number): Picture | undefined {
    return this.#pictures.get(index);
  }

  add(index: number, { data, width, height, channels }: Picture): void {
    const { length } = data;
    if (this.#used + length > this.#limit || this.#pictures.has(index)) return;
    this.#used += length;
    this.#pictures.set(index, { data: this.#copy(data), width, height, channels });
  }

  #copy(data: Picture["data"]): Uint8Array {
    const { length } = data;
    // A larger picture gets its own buffer, so that at most an eighth of a block stays unused.
    if (length > BLOCK / 8) return Uint8Array.from(data);
    if (this.#filled + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK);
      this.#filled = 0;
    }
    const own = this.#block.subarray(this.#filled, this.#filled + length);
    own.set(data);
    this.#filled += length;
    return own;
  }
}
