import { EngineError } from "../errors.ts";
import { fromHex } from "../kernels/from-hex.ts";
import { bestIsa } from "../kernels/modules.ts";
import { FLOAT16_SCALE, ROW_GRAIN } from "../kernels/search/layout.ts";
import { widenFloat16 } from "../weights/containers/half.ts";
import type { VectorType } from "./vector-table.ts";

const PAGE = 65_536;
/** Rows packed at once. */
const PACK_ROWS = 64;
/** Most rows in the results of a call. */
const MOST_BLOCK_ROWS = 4096;
const MOST_QUERIES = 64;
const ELEMENT: Readonly<Record<VectorType, number>> = { float32: 4, float16: 2, int8: 1 };

/** The module's exports; addresses in bytes. */
export interface SearchKernels {
  squares(from: number, count: number, padded: number, out: number): void;
  "to-f16"(from: number, count: number, padded: number, factors: number, scale: number, to: number): void;
  "to-i8"(from: number, count: number, padded: number, to: number, steps: number): void;
  "f32-dots": Dots;
  "f16-dots": Dots;
  "i8-dots": Dots;
}

type Dots = (
  rows: number,
  count: number,
  padded: number,
  query: number,
  scales: number,
  factor: number,
  out: number,
) => void;

let module: Promise<WebAssembly.Module> | undefined;

/** @throws EngineError if the host has no SIMD, or compiles nothing */
export function searchModule(): Promise<WebAssembly.Module> {
  module ??= compile().catch((error) => {
    module = undefined;
    throw error;
  });
  return module;
}

async function compile(): Promise<WebAssembly.Module> {
  bestIsa();
  const { bytes } = await import("../kernels/generated/search-kernels.ts");
  try {
    return await WebAssembly.compile(fromHex(bytes));
  } catch (cause) {
    throw new EngineError(
      {
        where: "VectorTable",
        found: `WebAssembly that this host does not compile (${(cause as Error).message})`,
        hint: "a page's content security policy has to say script-src 'wasm-unsafe-eval'; nearest() does not need it",
      },
      { cause },
    );
  }
}

/** Rows of a table in one WebAssembly memory, side by side, with room for queries and results before them. */
export class Segment {
  readonly #kernels: SearchKernels;
  readonly #memory: WebAssembly.Memory;
  readonly #dimensions: number;
  readonly #padded: number;
  readonly #type: VectorType;
  readonly #capacity: number;
  readonly #at: Readonly<Record<"queries" | "out" | "squares" | "factors" | "raw" | "scales" | "rows", number>>;
  #rows = 0;

  /** @throws RangeError if the host has no memory of that size */
  constructor(module: WebAssembly.Module, dimensions: number, type: VectorType, capacity: number) {
    this.#dimensions = dimensions;
    this.#padded = padded(dimensions);
    this.#type = type;
    this.#capacity = capacity;
    let end = ROW_GRAIN;
    const take = (bytes: number) => {
      const at = end;
      end += Math.ceil(bytes / ROW_GRAIN) * ROW_GRAIN;
      return at;
    };
    this.#at = {
      queries: take(MOST_QUERIES * this.#padded * 4),
      out: take(MOST_BLOCK_ROWS * 4),
      squares: take(PACK_ROWS * 8),
      factors: take(PACK_ROWS * 4),
      // float32 rows need no other form.
      raw: take(type === "float32" ? 0 : PACK_ROWS * this.#padded * 4),
      scales: take(capacity * 4),
      rows: take(capacity * this.#padded * ELEMENT[type]),
    };
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE), maximum: PAGE });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#kernels = exports as unknown as SearchKernels;
  }

  /** Bytes of a row in memory, including its scale. */
  static rowBytes(dimensions: number, element: number): number {
    return padded(dimensions) * element + 4;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rows that still fit. */
  get free(): number {
    return this.#capacity - this.#rows;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  clear(): void {
    this.#rows = 0;
  }

  /** The number of rows in `bytes`, at least one. */
  blockRows(bytes: number): number {
    return Math.max(1, Math.min(MOST_BLOCK_ROWS, Math.floor(bytes / (this.#padded * ELEMENT[this.#type]))));
  }

  /** @param vectors finite numbers, at most `free` rows */
  add(vectors: Float32Array): void {
    const dimensions = this.#dimensions;
    const count = vectors.length / dimensions;
    for (let row = 0; row < count; row += PACK_ROWS) {
      const end = Math.min(count, row + PACK_ROWS);
      this.#pack(vectors.subarray(row * dimensions, end * dimensions), end - row);
    }
  }

  #pack(vectors: Float32Array, count: number): void {
    const { buffer } = this.#memory;
    const { squares, factors, raw, scales, rows } = this.#at;
    const to = rows + this.#rows * this.#padded * ELEMENT[this.#type];
    const from = this.#type === "float32" ? to : raw;
    const copy = new Float32Array(buffer, from, count * this.#padded);
    if (this.#padded === this.#dimensions) copy.set(vectors);
    else {
      for (let r = 0; r < count; r++) {
        copy.set(vectors.subarray(r * this.#dimensions, (r + 1) * this.#dimensions), r * this.#padded);
        copy.fill(0, r * this.#padded + this.#dimensions, (r + 1) * this.#padded);
      }
    }
    this.#kernels.squares(from, count, this.#padded, squares);
    const lengths = new Float64Array(buffer, squares, count);
    const inverse = Float64Array.from(lengths, (square, r) => this.#inverseLength(square, copy, r));
    new Float32Array(buffer, factors, count).set(inverse);
    const scale = new Float32Array(buffer, scales + 4 * this.#rows, count);
    if (this.#type === "float32") scale.set(inverse);
    else if (this.#type === "float16") {
      this.#kernels["to-f16"](from, count, this.#padded, factors, FLOAT16_SCALE, to);
      scale.fill(1);
    } else {
      this.#kernels["to-i8"](from, count, this.#padded, to, scales + 4 * this.#rows);
      for (let r = 0; r < count; r++) scale[r] *= inverse[r];
    }
    this.#rows += count;
  }

  /** Scales a row back if its length leaves float32's range; the cosine does not change. */
  #inverseLength(square: number, rows: Float32Array, r: number): number {
    if (square === 0) return 0;
    const length = Math.sqrt(square);
    if (length > 2 ** -100 && length < 2 ** 100) return 1 / length;
    const row = rows.subarray(r * this.#padded, (r + 1) * this.#padded);
    for (let i = 0; i < row.length; i++) row[i] /= length;
    return 1;
  }

  row(row: number): Float32Array {
    const { buffer } = this.#memory;
    const at = this.#at.rows + row * this.#padded * ELEMENT[this.#type];
    if (this.#type === "float32") return new Float32Array(buffer, at, this.#dimensions).slice();
    if (this.#type === "float16") {
      return widenFloat16(new Uint16Array(buffer, at, this.#dimensions)).map((x) => x / FLOAT16_SCALE);
    }
    const [scale] = new Float32Array(buffer, this.#at.scales + 4 * row, 1);
    return Float32Array.from(new Int8Array(buffer, at, this.#dimensions), (x) => x * scale);
  }

  /** @param data 0 bytes for a query of zeros */
  setQuery(q: number, data: Uint8Array): void {
    const size = this.#padded * 4;
    const room = new Uint8Array(this.#memory.buffer, this.#at.queries + q * size, size);
    room.fill(0);
    room.set(data);
  }

  /** Dot products of rows `row` to `row + count` with query `q`; valid until the next call. */
  dots(row: number, count: number, q: number, factor: number): Float32Array {
    const { queries, out, scales, rows } = this.#at;
    this.#kernels[`${NAME[this.#type]}-dots`](
      rows + row * this.#padded * ELEMENT[this.#type],
      count,
      this.#padded,
      queries + q * this.#padded * 4,
      scales + 4 * row,
      factor,
      out,
    );
    return new Float32Array(this.#memory.buffer, out, count);
  }
}

const NAME = { float32: "f32", float16: "f16", int8: "i8" } as const;

const padded = (dimensions: number) => Math.ceil(dimensions / ROW_GRAIN) * ROW_GRAIN;
