import type { Picture } from "../../image/picture.ts";

/** Pictures share blocks of this size: a buffer each would cost a small one more than its samples. */
const BLOCK = 4 * 2 ** 20;

/**
 * Decoded pictures, the first that fit into `limit` bytes. Nothing is ever thrown out: an epoch asks for every picture
 * once, so the one unused for longest is the one needed next.
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

  /** Bytes of samples held. */
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
    // Larger pictures get a buffer of their own, so that at most an eighth of a block is left over.
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
