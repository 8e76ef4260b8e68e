import type { Picture } from "../image/picture.ts";

/** Fields of a BMP's header (Microsoft's BITMAPINFOHEADER and its variants, including OS/2's of 12 bytes). */
interface Header {
  readonly width: number;
  readonly height: number;
  /** Whether rows go from the top down. */
  readonly fromTop: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Bit masks of red, green and blue. */
  readonly masks: readonly number[];
  /** Three bytes per colour: red, green, blue. */
  readonly palette: Uint8Array;
  /** Start of the pixels in the file. */
  readonly offset: number;
}

const RLE8 = 1;
const RLE4 = 2;
const MASKS = 3;
const MASKS_WITH_ALPHA = 6;

/** Reads the size in pixels from the header. @throws Error for a file that is no BMP */
export function bmpSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const { width, height } = headerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return { width, height };
}

/**
 * Decodes a BMP as Pillow's `convert("RGB")` does: 1, 2, 4, 8, 16, 24 or 32 bits, run lengths, masks, without alpha. The
 * npm packages `bmp-ts` and `fast-bmp` lose pixels or lack half of these formats (docs/lab.md).
 * @throws Error for a damaged file; check `bmpSize` first, because a small file can claim any size
 */
export function decodeBmp(bytes: Uint8Array): Picture {
  const header = headerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  const { width, height, compression } = header;
  const runs = compression === RLE8 || compression === RLE4;
  const rowBytes = 4 * Math.ceil((width * header.bits) / 32);
  // A pair of bytes fills at most 255 pixels. Jumps may skip more, but such pictures are refused too.
  const least = runs ? (width * height) / 255 : rowBytes * height;
  if (bytes.length - header.offset < least - 3) throw new Error("cut short");
  const data = new Uint8Array(width * height * 3);
  if (runs) colours(runLengths(bytes, header), header.palette, data);
  else for (let y = 0; y < height; y++) readRow(bytes, header, header.offset + y * rowBytes, placeOf(header, y), data);
  return { data, width, height, channels: 3 };
}

/** Start of the file's row `y` in the picture, in pixels. */
function placeOf({ width, height, fromTop }: Header, y: number): number {
  return (fromTop ? y : height - 1 - y) * width;
}

function headerOf(view: DataView): Header {
  if (view.byteLength < 26 || view.getUint16(0, true) !== 0x4d42) throw new Error("no BMP header");
  const size = view.getUint32(14, true);
  const core = size === 12;
  if (!core && (size < 40 || size > 124 || view.byteLength < 14 + size)) throw new Error(`a header of ${size} bytes`);
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? 0 : view.getUint32(30, true);
  const height = Math.abs(signed);
  if (width < 1 || height < 1) throw new Error(`${width}x${signed} pixels`);
  const known = [[1, 2, 4, 8, 16, 24, 32], [8], [4], [16, 32], [], [], [16, 32]][compression];
  if (!known?.includes(bits)) throw new Error(`${bits} bits with compression ${compression}`);
  const masked = compression === MASKS || compression === MASKS_WITH_ALPHA;
  // The masks follow a header of 40 bytes, or are at the same offset in a longer one.
  const masks = masked ? [54, 58, 62].map((at) => view.getUint32(at, true)) : masksOf(bits);
  const behind = masked && size === 40 ? (compression === MASKS ? 12 : 16) : 0;
  const entry = core ? 3 : 4;
  const named = core ? 0 : view.getUint32(46, true);
  const count = bits > 8 ? 0 : Math.min(named || 2 ** bits, 2 ** bits);
  const palette = new Uint8Array(3 * 2 ** Math.min(bits, 8));
  for (let i = 0; i < count; i++) {
    const at = 14 + size + behind + i * entry;
    if (at + 3 > view.byteLength) throw new Error("cut short");
    for (let c = 0; c < 3; c++) palette[3 * i + c] = view.getUint8(at + 2 - c);
  }
  return { width, height, fromTop: signed < 0, bits, compression, masks, palette, offset: view.getUint32(10, true) };
}

function masksOf(bits: number): readonly number[] {
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
}

function readRow(bytes: Uint8Array, { width, bits, masks, palette }: Header, at: number, to: number, out: Uint8Array) {
  if (bits <= 8) {
    const mask = 2 ** bits - 1;
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      const index = (bytes[at + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
      for (let c = 0; c < 3; c++) out[3 * (to + x) + c] = palette[3 * index + c]!;
    }
    return;
  }
  const stride = bits / 8;
  const shifts = masks.map((mask) => (mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)));
  const most = masks.map((mask, c) => mask >>> shifts[c]!);
  for (let x = 0; x < width; x++) {
    let value = 0;
    for (let b = stride - 1; b >= 0; b--) value = ((value << 8) | bytes[at + x * stride + b]!) >>> 0;
    for (let c = 0; c < 3; c++) {
      const sample = (value & masks[c]!) >>> shifts[c]!;
      out[3 * (to + x) + c] = most[c]! === 0 ? 0 : Math.floor((sample * 255) / most[c]!);
    }
  }
}

/** Decodes run lengths into palette indices, from the top row on. */
function runLengths(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, compression } = header;
  const indices = new Uint8Array(width * height);
  const nibbles = compression === RLE4;
  let at = header.offset;
  let x = 0;
  let y = 0;
  const put = (index: number) => {
    if (x < width && y < height) indices[placeOf(header, y) + x] = index;
    x++;
  };
  const half = (byte: number, i: number) => (i % 2 === 0 ? byte >> 4 : byte & 15);
  while (at + 1 < bytes.length && y < height) {
    const count = bytes[at]!;
    const value = bytes[at + 1]!;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(nibbles ? half(value, i) : value);
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      for (let i = 0; i < value; i++) {
        put(nibbles ? half(bytes[at + (i >> 1)] ?? 0, i) : (bytes[at + i] ?? 0));
      }
      // Padded to an even number of bytes.
      at += 2 * Math.ceil((nibbles ? Math.ceil(value / 2) : value) / 2);
    }
  }
  if (y < height - 1 || (y < height && x < width)) throw new Error("cut short");
  return indices;
}

function colours(indices: Uint8Array, palette: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < indices.length; i++) {
    for (let c = 0; c < 3; c++) out[3 * i + c] = palette[3 * indices[i]! + c] ?? 0;
  }
}
