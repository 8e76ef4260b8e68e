/** A component of a JPEG file, with the tables of its only scan. */
export interface Component {
  /** Blocks of the component in an MCU, across and down. */
  readonly h: number;
  readonly v: number;
  /** Quantisation factors of the 64 coefficients, in zigzag order. */
  readonly factors: Uint16Array;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/** Number of codes by length, 1 to 16 bits, and their symbols. */
export interface HuffmanTable {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

/** The headers of a JPEG file that `JpegDecoder` can decode. */
export interface Jpeg {
  /** Size as stored, before orientation. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation, 1 to 8; 1 is upright. */
  readonly orientation: number;
  /** Grey, or luma and two chroma components. */
  readonly components: readonly Component[];
  /** MCUs between restart markers; 0 without such markers. */
  readonly restart: number;
  /** Start of the scan's data. */
  readonly dataAt: number;
}

const [SOI, SOF0, SOF1, DHT, SOS, DQT, DRI] = [0xd8, 0xc0, 0xc1, 0xc4, 0xda, 0xdb, 0xdd];
const [APP0, APP1, APP2, APP14, APP15, COM] = [0xe0, 0xe1, 0xe2, 0xee, 0xef, 0xfe];

/**
 * Reads a file's headers.
 * @returns undefined for a file that needs a full JPEG decoder: one that is not sequential 8-bit Huffman coding in one
 * scan, not YCbCr or grey, has a colour profile other than sRGB or more than one picture, or is ambiguous
 */
export function parseJpeg(bytes: Uint8Array): Jpeg | undefined {
  const reader = new Reader(bytes);
  return reader.read();
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly {
    readonly id: number;
    readonly h: number;
    readonly v: number;
    readonly table: number;
  }[];
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #factors = new Map<number, Uint16Array>();
  readonly #tables = new Map<number, HuffmanTable>();
  #frame: Frame | undefined;
  #restart = 0;
  #orientation: number | undefined;
  #isJfif = false;
  #adobe: number | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): Jpeg | undefined {
    const bytes = this.#bytes;
    if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
    for (let at = 2; at + 4 <= bytes.length; ) {
      const marker = bytes[at + 1]!;
      const length = this.#word(at + 2);
      const end = at + 2 + length;
      if (bytes[at] !== 0xff || length < 2 || end > bytes.length) return undefined;
      if (marker === SOS) return this.#scan(at + 4, end);
      if (!this.#segment(marker, at + 4, end)) return undefined;
      at = end;
    }
    return undefined;
  }

  #word(at: number): number {
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  #text(from: number, to: number): string {
    return String.fromCharCode(...this.#bytes.subarray(from, to));
  }

  #segment(marker: number, at: number, end: number): boolean {
    if (marker === DQT) return this.#quantisation(at, end);
    if (marker === DHT) return this.#huffman(at, end);
    if (marker === SOF0 || marker === SOF1) return this.#start(at, end);
    if (marker === DRI) this.#restart = this.#word(at);
    else if (marker === APP0) this.#isJfif ||= this.#text(at, at + 5) === "JFIF\0";
    else if (marker === APP1 && this.#text(at, at + 6) === "Exif\0\0") return this.#exif(at + 6, end);
    else if (marker === APP2) return this.#isSrgb(at, end);
    else if (marker === APP14 && this.#text(at, at + 5) === "Adobe") this.#adobe = this.#bytes[at + 11];
    return marker === DRI || (marker >= APP0 && marker <= APP15) || marker === COM;
  }

  #quantisation(at: number, end: number): boolean {
    while (at < end) {
      const head = this.#bytes[at++]!;
      const size = head >> 4 === 0 ? 1 : 2;
      if (head >> 4 > 1 || (head & 15) > 3 || at + 64 * size > end) return false;
      const place = at;
      const factors = Uint16Array.from({ length: 64 }, (_, k) =>
        size === 1 ? this.#bytes[place + k]! : this.#word(place + 2 * k),
      );
      this.#factors.set(head & 15, factors);
      at += 64 * size;
    }
    return true;
  }

  #huffman(at: number, end: number): boolean {
    while (at + 17 <= end) {
      const head = this.#bytes[at]!;
      const counts = this.#bytes.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      if ((head & 0xef) > 3 || total > 256 || at + 17 + total > end) return false;
      this.#tables.set(head, { counts, symbols: this.#bytes.subarray(at + 17, at + 17 + total) });
      at += 17 + total;
    }
    return at === end;
  }

  #start(at: number, end: number): boolean {
    const count = this.#bytes[at + 5]!;
    if (this.#frame || this.#bytes[at] !== 8 || (count !== 1 && count !== 3) || at + 6 + 3 * count !== end)
      return false;
    const components = Array.from({ length: count }, (_, i) => {
      const [id, sampling, table] = this.#bytes.subarray(at + 6 + 3 * i, at + 9 + 3 * i);
      return { id: id!, h: sampling! >> 4, v: sampling! & 15, table: table! };
    });
    this.#frame = { height: this.#word(at + 1), width: this.#word(at + 3), components };
    return this.#frame.width > 0 && this.#frame.height > 0;
  }

  /** Reads the tag Orientation of the first directory. */
  #exif(at: number, end: number): boolean {
    if (this.#orientation !== undefined || at + 8 > end) return false;
    this.#orientation = 1;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, end - at);
    const little = view.getUint16(0) === 0x4949;
    if ((!little && view.getUint16(0) !== 0x4d4d) || view.getUint16(2, little) !== 42) return false;
    const directory = view.getUint32(4, little);
    if (directory + 2 > view.byteLength) return false;
    const entries = view.getUint16(directory, little);
    if (directory + 2 + 12 * entries > view.byteLength) return false;
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + 12 * i;
      if (view.getUint16(entry, little) !== 0x0112) continue;
      // The value must be one SHORT.
      if (view.getUint16(entry + 2, little) !== 3 || view.getUint32(entry + 4, little) !== 1) return false;
      this.#orientation = view.getUint16(entry + 8, little);
      return this.#orientation >= 1 && this.#orientation <= 8;
    }
    return true;
  }

  #scan(at: number, end: number): Jpeg | undefined {
    const frame = this.#frame;
    const count = frame?.components.length ?? 0;
    // The scan must have all components, all coefficients and all bits.
    const tail = this.#bytes.subarray(end - 3, end);
    if (!frame || this.#bytes[at] !== count || at + 1 + 2 * count + 3 !== end) return undefined;
    if (tail[0] !== 0 || tail[1] !== 63 || tail[2] !== 0 || !this.#isKnownColour(frame)) return undefined;
    const components: Component[] = [];
    for (const [i, { id, h, v, table }] of frame.components.entries()) {
      const selector = this.#bytes[at + 2 + 2 * i]!;
      const factors = this.#factors.get(table);
      const dc = this.#tables.get(selector >> 4);
      const ac = this.#tables.get(0x10 | (selector & 15));
      if (this.#bytes[at + 1 + 2 * i] !== id || !factors || !dc || !ac) return undefined;
      // A single component has one block per MCU, whatever factors the file gives.
      components.push({ h: count === 1 ? 1 : h, v: count === 1 ? 1 : v, factors, dc, ac });
    }
    const [luma, ...chroma] = components;
    if (![1, 2].includes(luma!.h) || ![1, 2].includes(luma!.v)) return undefined;
    if (chroma.some(({ h, v }) => h !== 1 || v !== 1)) return undefined;
    const { width, height } = frame;
    return { width, height, orientation: this.#orientation ?? 1, components, restart: this.#restart, dataAt: end };
  }

  /** Whether a segment is a complete colour profile named sRGB. Decoded samples always count as sRGB. */
  #isSrgb(at: number, end: number): boolean {
    if (this.#text(at, at + 14) !== "ICC_PROFILE\0\x01\x01") return false;
    // Newer profiles have two bytes per character; the name is within the first kilobytes.
    const text = this.#text(at + 14, Math.min(end, at + 4096)).replaceAll("\0", "");
    return /sRGB(?! *v4)/.test(text) && !/display p3|adobe|prophoto|e-srgb|scrgb/i.test(text);
  }

  /** Recognises YCbCr as libjpeg does. */
  #isKnownColour({ components }: Frame): boolean {
    if (components.length === 1 || this.#isJfif) return true;
    if (this.#adobe !== undefined) return this.#adobe === 1;
    return components.every(({ id }, i) => id === i + 1);
  }
}
