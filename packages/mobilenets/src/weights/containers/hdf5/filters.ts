import { inflate } from "../inflate.ts";
import type { Cursor, Source } from "./source.ts";

/** Undoes a filter on the bytes of a chunk. @param size size of the result */
export type Undo = (bytes: Uint8Array, size: number) => Uint8Array | Promise<Uint8Array>;

const FILTER = { deflate: 1, shuffle: 2 } as const;
/** The format's limit (H5Z_MAX_NFILTERS). */
const MAX_FILTERS = 32;
/** Filters from this number on are not part of the format, and have a name in the file. */
const FIRST_NAMED = 256;

/** Functions that undo a dataset's filters, in the order of application. */
export function readFilters(source: Source, c: Cursor): readonly Undo[] {
  const version = c.version(1, 2);
  const count = c.u8();
  if (count > MAX_FILTERS) source.damaged(`${count} filters, where the format has at most ${MAX_FILTERS}`);
  if (version === 1) c.skip(6);
  return Array.from({ length: count }, () => {
    const id = c.u16();
    const nameSize = version === 1 || id >= FIRST_NAMED ? c.u16() : 0;
    c.skip(2);
    const values = c.u16();
    c.skip(nameSize);
    if (version === 1) c.align();
    const options = Array.from({ length: values }, () => c.u32());
    if (version === 1 && values % 2 === 1) c.skip(4);
    if (id === FILTER.deflate) return (bytes, size) => inflate(bytes, "deflate", size, source.where);
    if (id === FILTER.shuffle) return (bytes) => unshuffled(bytes, options[0] ?? 0, source);
    return source.unpackable(`datasets that went through filter ${id}`);
  });
}

/** Undoes shuffling, which puts first all first bytes of elements, then all second ones, ...; a remainder stays at the end. */
function unshuffled(bytes: Uint8Array, width: number, source: Source): Uint8Array {
  if (width < 1 || width > bytes.length) {
    source.damaged(`a filter that shuffles elements of ${width} bytes in a chunk of ${bytes.length}`);
  }
  const count = Math.floor(bytes.length / width);
  const out = bytes.slice();
  for (let k = 0; k < width; k++) {
    for (let i = 0; i < count; i++) out[i * width + k] = bytes[k * count + i];
  }
  return out;
}
