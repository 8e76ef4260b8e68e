import { checkOptions, kindOf } from "../check-options.ts";
import { OptionError } from "../errors.ts";
import { formatShape, type Tensor } from "../tensor.ts";
import { cosineOf } from "./cosine.ts";
import { multiply, ROWS_AT_ONCE, squaresOf } from "./dots.ts";
import type { NearestOptions, Vectors } from "./nearest.ts";
import { type Neighbour, TopHeap } from "./top-heap.ts";

/** See `nearest`. @returns a list per query */
export async function search(
  query: Float32Array | readonly Float32Array[] | Tensor,
  vectors: Vectors,
  options: NearestOptions,
): Promise<Neighbour[][]> {
  checkOptions("nearest", options, ["k", "metric"] satisfies (keyof NearestOptions)[]);
  const { k = 10, metric = "cosine" } = options;
  if (!Number.isInteger(k) || k < 1)
    throw new OptionError({ where: "k", found: kindOf(k), expected: "an integer >= 1" });
  if (metric !== "cosine" && metric !== "dot") {
    throw new OptionError({ where: "metric", found: kindOf(metric), expected: "cosine or dot" });
  }
  const queries = queriesOf(query);
  if (queries.length === 0) return [];
  const pass = new Pass(queries, k, metric);
  if (isTensor(vectors)) pass.add(vectors);
  else if (isIterable(vectors, Symbol.iterator)) for (const item of vectors as Iterable<unknown>) pass.add(item);
  else if (isIterable(vectors, Symbol.asyncIterator)) {
    for await (const item of vectors as AsyncIterable<unknown>) pass.add(item);
  } else throw unusable("nearest: vectors", vectors);
  return pass.end();
}

/** A block of rows fits the L2 cache for all queries. */
const BLOCK_BYTES = 128 * 1024;
/** Most rows per block, for short vectors: each query has a number for each row of the block. */
const MOST_ROWS = 256;

/** One pass over the vectors for a number of queries. */
class Pass {
  readonly #dim: number;
  readonly #cosine: boolean;
  readonly #queries: Float64Array;
  readonly #querySquares: Float64Array;
  readonly #best: readonly TopHeap[];
  /** Rows per block. */
  readonly #rows: number;
  readonly #squares: Float64Array;
  readonly #dots: Float64Array;
  /** Vectors given one by one, until their block is full. */
  readonly #waiting: Float32Array;
  #waitingRows = 0;
  /** Rows before the current block. */
  #seen = 0;

  constructor(queries: readonly Float32Array[], k: number, metric: "cosine" | "dot") {
    const dim = queries[0].length;
    const fitting = Math.min(MOST_ROWS, Math.floor(BLOCK_BYTES / (dim * Float32Array.BYTES_PER_ELEMENT)));
    const rows = Math.max(ROWS_AT_ONCE, fitting - (fitting % ROWS_AT_ONCE));
    this.#dim = dim;
    this.#cosine = metric === "cosine";
    this.#rows = rows;
    this.#queries = new Float64Array(queries.length * dim);
    this.#querySquares = new Float64Array(queries.length);
    queries.forEach((query, q) => {
      checkVector(query, dim, `query ${q}`);
      this.#queries.set(query, q * dim);
      squaresOf(query, 0, 1, dim, this.#querySquares.subarray(q));
      if (!Number.isFinite(this.#querySquares[q])) throw notFinite(`query ${q}`);
    });
    this.#best = queries.map(() => new TopHeap(k));
    this.#squares = new Float64Array(rows);
    this.#dots = new Float64Array(queries.length * rows);
    this.#waiting = new Float32Array(rows * dim);
  }

  /** @throws OptionError for a value that is neither a vector of the right length nor a block of such vectors */
  add(item: unknown): void {
    if (item instanceof Float32Array) this.#addVector(item);
    else if (isTensor(item)) this.#addBlock(item);
    else throw unusable(this.#nextRow(), item);
  }

  end(): Neighbour[][] {
    this.#scanWaiting();
    return this.#best.map((best) => best.ranked());
  }

  #addVector(vector: Float32Array): void {
    checkVector(vector, this.#dim, this.#nextRow());
    this.#waiting.set(vector, this.#waitingRows * this.#dim);
    if (++this.#waitingRows === this.#rows) this.#scanWaiting();
  }

  #addBlock({ data, shape }: Tensor): void {
    const [rows, dim] = shape;
    if (shape.length !== 2 || dim !== this.#dim || data.length !== rows * dim) {
      throw new OptionError({
        where: this.#nextRow(),
        found: `a block of shape ${formatShape(shape)} with ${data.length} numbers`,
        expected: `[n,${this.#dim}], as the query has ${this.#dim}`,
      });
    }
    this.#scanWaiting();
    for (let row = 0; row < rows; row += this.#rows) {
      const end = Math.min(rows, row + this.#rows);
      this.#scan(data, row * dim, end - row);
    }
  }

  #scanWaiting(): void {
    const rows = this.#waitingRows;
    this.#waitingRows = 0;
    if (rows > 0) this.#scan(this.#waiting, 0, rows);
  }

  #scan(vectors: Float32Array, at: number, rows: number): void {
    const count = this.#best.length;
    multiply(vectors, at, rows, this.#dim, this.#queries, count, this.#dots, this.#squares);
    for (let r = 0; r < rows; r++) if (!Number.isFinite(this.#squares[r])) throw notFinite(rowName(this.#seen + r));
    for (let q = 0; q < count; q++) {
      const best = this.#best[q];
      for (let r = 0; r < rows; r++) {
        const dot = this.#dots[q * rows + r];
        const similarity = this.#cosine ? cosineOf(dot, this.#squares[r], this.#querySquares[q]) : dot;
        // Rows come in order: a row that equals the worst kept one ranks after it.
        if (similarity > best.floor) best.offer(this.#seen + r, similarity);
      }
    }
    this.#seen += rows;
  }

  #nextRow(): string {
    return rowName(this.#seen + this.#waitingRows);
  }
}

const rowName = (row: number) => `vectors, row ${row}`;

function queriesOf(query: unknown): readonly Float32Array[] {
  if (query instanceof Float32Array) return [query];
  if (isTensor(query)) {
    const { data, shape } = query;
    const [count, dim] = shape;
    if (shape.length !== 2 || data.length !== count * dim) {
      throw new OptionError({
        where: "nearest: queries",
        found: `shape ${formatShape(shape)} with ${data.length} numbers`,
        expected: "a matrix [n,dim]",
      });
    }
    return Array.from({ length: count }, (_, q) => data.subarray(q * dim, (q + 1) * dim));
  }
  if (Array.isArray(query) && query.every((vector) => vector instanceof Float32Array)) return query;
  throw unusable("nearest: query", query);
}

function checkVector(vector: Float32Array, dim: number, where: string): void {
  if (vector.length === dim && dim > 0) return;
  const expected = dim > 0 ? `${dim}, as the ${where.startsWith("query") ? "first " : ""}query has` : "at least one";
  const hint = "are both of one network and layer?";
  throw new OptionError({ where, found: `${vector.length} numbers`, expected, hint });
}

function notFinite(where: string): OptionError {
  return new OptionError({ where, found: "NaN or infinity", expected: "finite numbers", hint: "leave the vector out" });
}

function isTensor(value: unknown): value is Tensor {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Partial<Tensor>).data instanceof Float32Array &&
    Array.isArray((value as Partial<Tensor>).shape)
  );
}

function isIterable(value: unknown, kind: symbol): boolean {
  return typeof value === "object" && value !== null && kind in value && !ArrayBuffer.isView(value);
}

function unusable(where: string, value: unknown): OptionError {
  return new OptionError({ where, found: kindOf(value), expected: "a Float32Array, or a float32 tensor [n,dim]" });
}
