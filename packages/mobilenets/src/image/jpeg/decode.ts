import { fromHex } from "../../kernels/from-hex.ts";
import { AT, BLOCK, factorOf, HUFFMAN, PLACES } from "../../kernels/jpeg/layout.ts";
import { layOut } from "../lay-out.ts";
import type { Picture } from "../picture.ts";
import { writeHuffman } from "./huffman.ts";
import type { Component, Jpeg } from "./parse.ts";
import { upright } from "./upright.ts";

/** Exports of the module; addresses are in bytes. */
interface JpegKernels {
  unstuff(from: number, to: number): void;
  decode(mcus: number, blocks: number, last: number): number;
  colour(y: number, cb: number, cr: number, shift: number, pixels: number, to: number): void;
}

/** Most pages of the memory, of 64 KiB each: all that WebAssembly can address. */
const MOST_PAGES = 65_536;
/** Most bytes of memory; files that need more go to another decoder. */
const MOST_BYTES = 2 ** 28;
/** Bytes that kernels may read or write past an area. */
const MARGIN = 64;
/** Bytes after the data that one MCU of zeros may read: ten blocks of 64 coefficients of 4 bytes. */
const OVERRUN = 4096;
const EOI = 0xd9;
const RST0 = 0xd0;

/** Zigzag order: row and column of each coefficient. */
const zigzag = /* @__PURE__ */ (() => {
  const order: [row: number, column: number][] = [];
  for (let sum = 0; sum < 15; sum++) {
    for (let i = Math.max(0, sum - 7); i <= Math.min(7, sum); i++) {
      order.push(sum % 2 === 0 ? [sum - i, i] : [i, sum - i]);
    }
  }
  return order;
})();

/** Decodes JPEG files at 1/2, 1/4 or 1/8 of their size. */
export class JpegDecoder {
  readonly #kernels: JpegKernels;
  readonly #memory: WebAssembly.Memory;

  private constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#kernels = exports as unknown as JpegKernels;
  }

  /** Rejects if the host has no SIMD, or compiles nothing. */
  static async create(): Promise<JpegDecoder> {
    const { bytes } = await import("../../kernels/generated/jpeg-kernels.ts");
    return new JpegDecoder(await WebAssembly.compile(fromHex(bytes)));
  }

  /**
   * Decodes the picture at 1 / `reduction` of its size, rounded up, from the lowest frequencies of each block.
   * @param allocate returns memory for the samples; its content does not matter
   * @returns undefined for a file that is damaged, cut short or too large: another decoder may read it
   */
  decode(
    bytes: Uint8Array,
    jpeg: Jpeg,
    reduction: 2 | 4 | 8,
    allocate = (length: number) => new Uint8Array(length),
  ): Picture | undefined {
    const { components, restart } = jpeg;
    const size = 8 / reduction;
    const luma = components[0]!;
    const { h, v } = luma;
    // Chroma at half the resolution both ways gets twice as many samples from each block.
    const chromaSize = h === 2 && v === 2 ? 2 * size : size;
    const [shift, lift] = [h === 2 && v === 1 ? 1 : 0, v === 2 && h === 1 ? 1 : 0];
    const across = Math.ceil(jpeg.width / (8 * h));
    const rows = Math.ceil(jpeg.height / (8 * v));
    const width = Math.ceil(jpeg.width / reduction);
    const height = Math.ceil(jpeg.height / reduction);
    const stride = across * h * size + MARGIN;
    const chromaStride = across * chromaSize + MARGIN;
    const data = bytes.subarray(jpeg.dataAt);
    const at = layOut(this.#memory, AT.free, MOST_BYTES, {
      tables: components.length * 2 * HUFFMAN.bytes,
      places: components.length * PLACES * 8,
      before: components.length * 4,
      blocks: 6 * BLOCK.bytes,
      luma: stride * v * size,
      cb: chromaStride * chromaSize,
      cr: chromaStride * chromaSize,
      file: data.length + MARGIN,
      stream: data.length + OVERRUN,
      rgb: width * height * 3 + MARGIN,
    });
    if (!at) return undefined;
    const { buffer } = this.#memory;
    const file = new Uint8Array(buffer, at.file, data.length + MARGIN);
    file.set(data);
    // An end marker, for files without one.
    file.fill(0, data.length).set([0xff, EOI], data.length);
    const planes = [at.luma, at.cb, at.cr];
    if (components.length === 1) new Uint8Array(buffer, at.cb, at.file - at.cb).fill(128);

    const blocks: number[][] = [];
    for (const [c, component] of components.entries()) {
      const tables = at.tables + 2 * c * HUFFMAN.bytes;
      const places = at.places + c * PLACES * 8;
      const each = c === 0 ? size : chromaSize;
      if (!this.#writeTables(component, tables, places, each)) return undefined;
      const rowOf = c === 0 ? stride : chromaStride;
      for (let y = 0; y < component.v; y++) {
        for (let x = 0; x < component.h; x++) {
          const to = planes[c]! + y * each * rowOf + x * each;
          blocks.push([tables, tables + HUFFMAN.bytes, places, at.before + 4 * c, to, rowOf, component.h * each, each]);
        }
      }
    }
    const words = new Int32Array(buffer, at.blocks, blocks.length * (BLOCK.bytes / 4));
    const last = at.blocks + words.byteLength;
    const before = new Int32Array(buffer, at.before, components.length);
    const marker = new Int32Array(buffer, AT.marker, 1);
    const initial = blocks.flat();

    let left = 0;
    let next = 0;
    let from = at.file;
    let restarts = 0;
    for (let row = 0; row < rows; row++) {
      words.set(initial);
      for (let mcu = 0; mcu < across; ) {
        if (left === 0) {
          if (next > 0) {
            const place = marker[0]! - at.file;
            if (file[place + 1] !== RST0 + (restarts++ & 7)) return undefined;
            from = at.file + place + 2;
          }
          this.#kernels.unstuff(from, at.stream);
          before.fill(0);
          left = restart === 0 ? across * rows : restart;
        }
        const count = Math.min(left, across - mcu);
        if (this.#kernels.decode(count, at.blocks, last) === 0) return undefined;
        mcu += count;
        left -= count;
        next += count;
      }
      const top = row * v * size;
      for (let y = 0; y < Math.min(v * size, height - top); y++) {
        const chroma = (y >> lift) * chromaStride;
        const to = at.rgb + (top + y) * width * 3;
        this.#kernels.colour(at.luma + y * stride, at.cb + chroma, at.cr + chroma, shift, width, to);
      }
    }
    const place = marker[0]! - at.file;
    if (place >= data.length || file[place + 1] !== EOI) return undefined;
    const rgb = allocate(width * height * 3);
    rgb.set(new Uint8Array(buffer, at.rgb, rgb.length));
    const extent = { width: jpeg.width / reduction, height: jpeg.height / reduction };
    return upright({ data: rgb, width, height, channels: 3, extent }, jpeg.orientation);
  }

  #writeTables({ dc, ac, factors }: Component, tables: number, places: number, size: number): boolean {
    const { buffer } = this.#memory;
    const words = (at: number) => new Int32Array(buffer, at, HUFFMAN.bytes / 4);
    if (!writeHuffman(dc, true, words(tables)) || !writeHuffman(ac, false, words(tables + HUFFMAN.bytes))) return false;
    const integers = new Int32Array(buffer, places, 2 * PLACES);
    const floats = new Float32Array(buffer, places, 2 * PLACES);
    for (let k = 0; k < PLACES; k++) {
      const [row, column] = zigzag[k] ?? [0, 8];
      integers[2 * k] = 4 * (8 * column + row);
      floats[2 * k + 1] = k < 64 ? factors[k]! * factorOf(size, row) * factorOf(size, column) : 0;
    }
    return true;
  }
}
