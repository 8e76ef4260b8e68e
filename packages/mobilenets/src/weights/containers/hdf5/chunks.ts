import type { Shape } from "../../../tensor.ts";
import { sizeOf } from "../../../tensor.ts";
import type { Undo } from "./filters.ts";
import type { Cursor, Source } from "./source.ts";

/** A chunk's place in the file, and the place of its first element in the dataset. */
interface Chunk {
  readonly address: number;
  /** Bytes in the file. */
  readonly length: number;
  /** Bit mask of the filters that were not applied. */
  readonly unfiltered: number;
  readonly start: Shape;
}

/**
 * Reads the bytes of a chunked dataset, as h5py and h5repack write compressed ones. Chunks at an edge are whole in the
 * file, and extend beyond the dataset.
 *
 * @param layout the layout message after its version and class
 * @param size bytes per element
 */
export async function readChunks(
  source: Source,
  layout: Cursor,
  shape: Shape,
  size: number,
  filters: readonly Undo[],
): Promise<ArrayBuffer> {
  const rank = layout.u8() - 1;
  const tree = layout.address();
  if (rank !== shape.length || rank === 0)
    source.damaged(`chunks of ${rank} dimensions in a dataset of ${shape.length}`);
  const extent = shape.map(() => layout.u32());
  if (layout.u32() !== size || extent.includes(0)) source.damaged("chunks whose elements differ from the dataset's");
  const bytes = sizeOf(extent) * size;

  const chunks = new Map<string, Chunk>();
  for (const chunk of tree === null ? [] : chunksOf(source, tree, rank)) {
    if (chunk.start.some((at, i) => at % extent[i] !== 0 || at >= shape[i])) source.damaged("a misplaced chunk");
    chunks.set(chunk.start.join(), chunk);
  }
  const expected = sizeOf(shape.map((n, i) => Math.ceil(n / extent[i])));
  if (chunks.size !== expected) source.damaged(`${chunks.size} chunks of ${expected}`);
  source.grow(expected * bytes + sizeOf(shape) * size);

  const out = new Uint8Array(sizeOf(shape) * size);
  for (const { address, length, unfiltered, start } of chunks.values()) {
    let data: Uint8Array = source.cursor(address, length, "a chunk").bytes(length);
    for (let i = filters.length - 1; i >= 0; i--) {
      if (((unfiltered >>> i) & 1) === 0) data = await filters[i](data, bytes);
    }
    if (data.length !== bytes) source.damaged(`a chunk of ${data.length} bytes instead of ${bytes}`);
    place(data, extent, out, shape, start, size);
  }
  return out.buffer;
}

/** The chunks in a B-tree. */
function chunksOf(source: Source, root: number, rank: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const waiting: { address: number; level: number | null }[] = [{ address: root, level: null }];
  const keySize = 8 + 8 * (rank + 1);
  const { addressSize } = source;
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const head = source.cursor(node.address, 8, "a B-tree node");
    head.signature("TREE");
    if (head.u8() !== 1) source.damaged("a B-tree that is not of chunks");
    const level = head.u8();
    if (node.level !== null && level !== node.level) source.damaged(`a B-tree node of level ${level}`);
    const count = head.u16();
    const body = source.cursor(
      node.address + 8 + 2 * addressSize,
      count * (keySize + addressSize),
      "a B-tree's chunks",
    );
    for (let i = 0; i < count; i++) {
      const [length, unfiltered] = [body.u32(), body.u32()];
      const start = Array.from({ length: rank }, () => body.uint(8));
      body.skip(8);
      const address = body.definedAddress();
      if (level === 0) chunks.push({ address, length, unfiltered, start });
      else waiting.push({ address, level: level - 1 });
    }
  }
  return chunks;
}

/** Copies the part of a chunk inside the dataset, row by row. */
function place(chunk: Uint8Array, extent: Shape, out: Uint8Array, shape: Shape, start: Shape, size: number): void {
  const inside = extent.map((n, i) => Math.min(n, shape[i] - start[i]));
  const row = inside[inside.length - 1] * size;
  const rows = sizeOf(inside.slice(0, -1));
  for (let r = 0; r < rows; r++) {
    let [from, to, rest] = [0, 0, r];
    let [chunkStride, outStride] = [size, size];
    for (let i = extent.length - 1; i >= 0; i--) {
      const isRow = i === extent.length - 1;
      const at = isRow ? 0 : rest % inside[i];
      if (!isRow) rest = Math.floor(rest / inside[i]);
      from += at * chunkStride;
      to += (start[i] + at) * outStride;
      chunkStride *= extent[i];
      outStride *= shape[i];
    }
    out.set(chunk.subarray(from, from + row), to);
  }
}
