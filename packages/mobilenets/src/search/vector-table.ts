import { checkOptions, kindOf } from "../check-options.ts";
import { EngineError, OptionError } from "../errors.ts";
import { FLOAT16_QUERY_SCALE } from "../kernels/search/layout.ts";
import { Segment, searchModule } from "./segment.ts";
import { type Neighbour, TopHeap } from "./top-heap.ts";

/** How a `VectorTable` stores numbers. */
export type VectorType = "float32" | "float16" | "int8";

/** Options of `VectorTable.create`. */
export interface VectorTableOptions {
  /** Numbers per vector, 1 to 65,536. */
  readonly dimensions: number;
  /**
   * `float32` keeps the numbers unchanged (cosines to 1e-6). `float16` takes half the memory (to 5e-4). `int8`, with a
   * scale per row, takes a quarter (to about 0.005). Default `float32`.
   */
  readonly type?: VectorType;
  /** Expected rows: their memory is allocated at once. More may be added. */
  readonly capacity?: number;
}

/** Options of a `VectorTable`'s search. */
export interface TableSearchOptions {
  /** Number of vectors to return per query, at most all. Default 10. */
  readonly k?: number;
  /** Whether a row may be returned; called only for rows similar enough. Default: all. */
  readonly accept?: (index: number) => boolean;
}

const BYTES: Readonly<Record<VectorType, number>> = { float32: 4, float16: 2, int8: 1 };

/** A block of rows fits a processor's L2 cache for all queries. */
const BLOCK_BYTES = 256 * 1024;
/** Queries in WebAssembly memory at once. */
const QUERIES_AT_ONCE = 64;
/** A WebAssembly memory holds at most 4 GB, and a large allocation may fail earlier: a table has several memories. */
const SEGMENT_BYTES = 512 * 1024 * 1024;
const FIRST_SEGMENT_BYTES = 4 * 1024 * 1024;
const MOST_DIMENSIONS = 65_536;

/**
 * Vectors in WebAssembly memory for repeated search with SIMD kernels. A search compares every row, by the cosine.
 * Tables larger than 4 GB use several memories. The similarities are as exact as the type; for exact cosines, call
 * `cosine()` on the found rows.
 *
 *     const table = await VectorTable.create({ dimensions: 1280, type: "float16" });
 *     for await (const { data } of await openNpy(file)) table.add(data);
 *     const found = table.nearest(query, { k: 20 });
 */
export class VectorTable {
  readonly dimensions: number;
  readonly type: VectorType;
  readonly #module: WebAssembly.Module;
  readonly #segments: Segment[] = [];
  #capacity: number;
  #rows = 0;

  private constructor(module: WebAssembly.Module, dimensions: number, type: VectorType, capacity: number) {
    this.#module = module;
    this.dimensions = dimensions;
    this.type = type;
    this.#capacity = capacity;
  }

  /**
   * @throws OptionError for unknown options or values out of range
   * @throws EngineError if the host has no WebAssembly SIMD
   */
  static async create(options: VectorTableOptions): Promise<VectorTable> {
    checkOptions("VectorTable", options, ["dimensions", "type", "capacity"] satisfies (keyof VectorTableOptions)[]);
    const { dimensions, type = "float32", capacity = 0 } = options;
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MOST_DIMENSIONS) {
      const expected = `an integer, 1 to ${MOST_DIMENSIONS}`;
      throw new OptionError({ where: "VectorTable: dimensions", found: kindOf(dimensions), expected });
    }
    if (!(type in BYTES)) {
      throw new OptionError({
        where: "VectorTable: type",
        found: kindOf(type),
        expected: Object.keys(BYTES).join(", "),
      });
    }
    if (!Number.isSafeInteger(capacity) || capacity < 0) {
      throw new OptionError({ where: "VectorTable: capacity", found: kindOf(capacity), expected: "an integer >= 0" });
    }
    return new VectorTable(await searchModule(), dimensions, type, capacity);
  }

  /** Vectors in the table. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes of WebAssembly memory allocated. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /**
   * Appends copies of one vector or several, one after the other.
   * @throws OptionError if the count is not a multiple of `dimensions`, or for NaN or infinity (it names the row); the
   *   call then adds nothing
   * @throws EngineError if the host has no more memory
   */
  add(vectors: Float32Array): void {
    const { dimensions } = this;
    if (!(vectors instanceof Float32Array) || vectors.length % dimensions !== 0) {
      throw new OptionError({
        where: `vectors, row ${this.#rows}`,
        found: vectors instanceof Float32Array ? `${vectors.length} numbers` : kindOf(vectors),
        expected: `a Float32Array of a multiple of ${dimensions} numbers`,
        hint: "are all of one network and layer?",
      });
    }
    const count = vectors.length / dimensions;
    const bad = firstNotFinite(vectors);
    if (bad >= 0) {
      const where = `vectors, row ${this.#rows + Math.floor(bad / dimensions)}`;
      throw new OptionError({
        where,
        found: "NaN or infinity",
        expected: "finite numbers",
        hint: "leave the vector out",
      });
    }
    for (let row = 0; row < count; ) {
      let last = this.#segments.at(-1);
      if (!last || last.free === 0) {
        last = this.#grow(count - row);
        this.#segments.push(last);
      }
      const taken = Math.min(last.free, count - row);
      last.add(vectors.subarray(row * dimensions, (row + taken) * dimensions));
      row += taken;
      this.#rows += taken;
    }
  }

  /**
   * Returns the numbers of a row: as added in a `float32` table, otherwise rounded and scaled to length 1.
   * @throws OptionError for a row that does not exist
   */
  row(index: number): Float32Array {
    let first = 0;
    for (const segment of this.#segments) {
      if (index >= first && index < first + segment.rows) return segment.row(index - first);
      first += segment.rows;
    }
    const expected = `a row of the table, 0 to ${this.#rows - 1}`;
    throw new OptionError({ where: "VectorTable: row", found: kindOf(index), expected });
  }

  /** Removes all rows and keeps the memory. */
  clear(): void {
    // A table that grew has several segments; the largest one is kept.
    this.#segments.splice(1);
    this.#segments[0]?.clear();
    this.#rows = 0;
  }

  /**
   * Returns the rows most similar to a query, best first; equal ones keep their order.
   * @param query a vector, or several, for a list of neighbours each
   * @throws OptionError for a query of another length, or with NaN or infinity
   */
  nearest(query: Float32Array, options?: TableSearchOptions): Neighbour[];
  nearest(query: readonly Float32Array[], options?: TableSearchOptions): Neighbour[][];
  nearest(
    query: Float32Array | readonly Float32Array[],
    options: TableSearchOptions = {},
  ): Neighbour[] | Neighbour[][] {
    checkOptions("nearest", options, ["k", "accept"] satisfies (keyof TableSearchOptions)[]);
    const { k = 10, accept } = options;
    if (!Number.isInteger(k) || k < 1) {
      throw new OptionError({ where: "k", found: kindOf(k), expected: "an integer >= 1" });
    }
    const queries = query instanceof Float32Array ? [query] : query;
    const packed = queries.map((vector, q) => this.#pack(vector, q));
    const best = queries.map(() => new TopHeap(k));
    for (let from = 0; from < packed.length; from += QUERIES_AT_ONCE) {
      this.#pass(packed.slice(from, from + QUERIES_AT_ONCE), best.slice(from, from + QUERIES_AT_ONCE), accept);
    }
    const found = best.map((heap) => heap.ranked());
    return query instanceof Float32Array ? found[0] : found;
  }

  #pass(queries: readonly PackedQuery[], best: readonly TopHeap[], accept?: (index: number) => boolean): void {
    let first = 0;
    for (const segment of this.#segments) {
      queries.forEach(({ data }, q) => {
        segment.setQuery(q, data);
      });
      const block = segment.blockRows(BLOCK_BYTES);
      for (let row = 0; row < segment.rows; row += block) {
        const count = Math.min(block, segment.rows - row);
        for (let q = 0; q < queries.length; q++) {
          offer(segment.dots(row, count, q, queries[q].factor), first + row, best[q], accept);
        }
      }
      first += segment.rows;
    }
  }

  /** Packs a query for the type's kernel, and gives the factor of its dot products. */
  #pack(query: Float32Array, q: number): PackedQuery {
    const where = `query ${q}`;
    if (!(query instanceof Float32Array) || query.length !== this.dimensions) {
      const found = query instanceof Float32Array ? `${query.length} numbers` : kindOf(query);
      throw new OptionError({ where, found, expected: `${this.dimensions}, as the table has` });
    }
    let squares = 0;
    let largest = 0;
    for (const x of query) {
      squares += x * x;
      largest = Math.max(largest, Math.abs(x));
    }
    if (!Number.isFinite(squares)) {
      throw new OptionError({ where, found: "NaN or infinity", expected: "finite numbers" });
    }
    const length = Math.sqrt(squares);
    if (length === 0) return { data: new Uint8Array(0), factor: 0 };
    if (this.type === "int8") {
      // The product of two vectors is at most that of their lengths: it and all partial sums stay below 2^31.
      const most = 2 ** 31 / (127 * Math.sqrt(this.dimensions)) - 1;
      const step = Math.min(32_767 / largest, (most - Math.sqrt(this.dimensions)) / length);
      const data = Int16Array.from(query, (x) => Math.round(x * step));
      return { data: new Uint8Array(data.buffer), factor: 1 / (step * length) };
    }
    const scale = (this.type === "float16" ? FLOAT16_QUERY_SCALE : 1) / length;
    return { data: new Uint8Array(Float32Array.from(query, (x) => x * scale).buffer), factor: 1 };
  }

  #grow(wanted: number): Segment {
    const { dimensions, type } = this;
    const rowBytes = Segment.rowBytes(dimensions, BYTES[type]);
    const rowsOf = (bytes: number) => Math.max(1, Math.floor(bytes / rowBytes));
    // Doubles the table, for few memories; allocates exactly the announced capacity.
    const doubled = Math.max(this.#rows, rowsOf(FIRST_SEGMENT_BYTES), wanted);
    const rows = Math.min(rowsOf(SEGMENT_BYTES), this.#capacity > this.#rows ? this.#capacity - this.#rows : doubled);
    try {
      return new Segment(this.#module, dimensions, type, rows);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new EngineError(
        {
          where: "VectorTable",
          found: `no memory for ${rows} more rows of ${dimensions} numbers, after ${this.#rows}`,
          hint: "type int8 takes a quarter of float32's; or search the vectors in parts",
        },
        { cause },
      );
    }
  }
}

interface PackedQuery {
  readonly data: Uint8Array;
  readonly factor: number;
}

/** Index of the first number that is not finite, or -1. */
function firstNotFinite(vectors: Float32Array): number {
  // A plain loop: `findIndex` takes ten times as long.
  for (let i = 0; i < vectors.length; i++) if (vectors[i] - vectors[i] !== 0) return i;
  return -1;
}

function offer(dots: Float32Array, first: number, best: TopHeap, accept?: (index: number) => boolean): void {
  for (let r = 0; r < dots.length; r++) {
    // Rounding may push a cosine past 1.
    const similarity = Math.max(-1, Math.min(1, dots[r]));
    if (similarity > best.floor && (!accept || accept(first + r))) best.offer(first + r, similarity);
  }
}
