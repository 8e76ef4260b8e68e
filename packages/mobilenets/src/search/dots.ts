/**
 * The inner loops of exact search. Each sum is float64 and adds the numbers in order of their index, for every
 * grouping of rows and queries: a result depends on its two vectors alone. Sums of several pairs run at once, since an
 * addition waits for the one before it. 4 rows and 2 queries are the useful maximum (3 queries, 8 rows and unrolled
 * loops were no faster on Node 20).
 */

/** Rows summed at once; a block with a multiple of this has no slow remainder. */
export const ROWS_AT_ONCE = 4;

/**
 * `dots[q * rows + r]` becomes row r times query q, `squares[r]` row r times itself.
 * @param vectors at `at`, `rows` vectors of `dim` numbers, one after the other. An offset instead of a view: V8's code
 *   for views was a fifth slower
 * @param queries `count` vectors of `dim` numbers, one after the other
 */
export function multiply(
  vectors: Float32Array,
  at: number,
  rows: number,
  dim: number,
  queries: Float64Array,
  count: number,
  dots: Float64Array,
  squares: Float64Array,
): void {
  let q = 0;
  for (; q + 2 <= count; q += 2) twoQueries(vectors, at, rows, dim, queries, q, dots);
  // The squares cost little with a single query: the numbers are loaded once for both.
  if (q < count) queryAndSquares(vectors, at, rows, dim, queries, q, dots, squares);
  else squaresOf(vectors, at, rows, dim, squares);
}

/** `squares[r]` becomes row r times itself. */
export function squaresOf(vectors: Float32Array, at: number, rows: number, dim: number, squares: Float64Array): void {
  let r = 0;
  for (; r + ROWS_AT_ONCE <= rows; r += ROWS_AT_ONCE) {
    const p0 = at + r * dim;
    const p1 = p0 + dim;
    const p2 = p1 + dim;
    const p3 = p2 + dim;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0; i < dim; i++) {
      const x0 = vectors[p0 + i];
      const x1 = vectors[p1 + i];
      const x2 = vectors[p2 + i];
      const x3 = vectors[p3 + i];
      s0 += x0 * x0;
      s1 += x1 * x1;
      s2 += x2 * x2;
      s3 += x3 * x3;
    }
    squares[r] = s0;
    squares[r + 1] = s1;
    squares[r + 2] = s2;
    squares[r + 3] = s3;
  }
  for (; r < rows; r++) squares[r] = square(vectors, at + r * dim, dim);
}

function queryAndSquares(
  vectors: Float32Array,
  at: number,
  rows: number,
  dim: number,
  queries: Float64Array,
  q: number,
  dots: Float64Array,
  squares: Float64Array,
): void {
  const from = q * dim;
  const to = q * rows;
  let r = 0;
  for (; r + ROWS_AT_ONCE <= rows; r += ROWS_AT_ONCE) {
    const p0 = at + r * dim;
    const p1 = p0 + dim;
    const p2 = p1 + dim;
    const p3 = p2 + dim;
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0; i < dim; i++) {
      const y = queries[from + i];
      const x0 = vectors[p0 + i];
      const x1 = vectors[p1 + i];
      const x2 = vectors[p2 + i];
      const x3 = vectors[p3 + i];
      a0 += x0 * y;
      a1 += x1 * y;
      a2 += x2 * y;
      a3 += x3 * y;
      s0 += x0 * x0;
      s1 += x1 * x1;
      s2 += x2 * x2;
      s3 += x3 * x3;
    }
    dots[to + r] = a0;
    dots[to + r + 1] = a1;
    dots[to + r + 2] = a2;
    dots[to + r + 3] = a3;
    squares[r] = s0;
    squares[r + 1] = s1;
    squares[r + 2] = s2;
    squares[r + 3] = s3;
  }
  for (; r < rows; r++) {
    dots[to + r] = dot(vectors, at + r * dim, dim, queries, from);
    squares[r] = square(vectors, at + r * dim, dim);
  }
}

function twoQueries(
  vectors: Float32Array,
  at: number,
  rows: number,
  dim: number,
  queries: Float64Array,
  q: number,
  dots: Float64Array,
): void {
  const from = q * dim;
  const second = from + dim;
  const to = q * rows;
  const toSecond = to + rows;
  let r = 0;
  for (; r + ROWS_AT_ONCE <= rows; r += ROWS_AT_ONCE) {
    const p0 = at + r * dim;
    const p1 = p0 + dim;
    const p2 = p1 + dim;
    const p3 = p2 + dim;
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (let i = 0; i < dim; i++) {
      const y = queries[from + i];
      const z = queries[second + i];
      const x0 = vectors[p0 + i];
      const x1 = vectors[p1 + i];
      const x2 = vectors[p2 + i];
      const x3 = vectors[p3 + i];
      a0 += x0 * y;
      a1 += x1 * y;
      a2 += x2 * y;
      a3 += x3 * y;
      b0 += x0 * z;
      b1 += x1 * z;
      b2 += x2 * z;
      b3 += x3 * z;
    }
    dots[to + r] = a0;
    dots[to + r + 1] = a1;
    dots[to + r + 2] = a2;
    dots[to + r + 3] = a3;
    dots[toSecond + r] = b0;
    dots[toSecond + r + 1] = b1;
    dots[toSecond + r + 2] = b2;
    dots[toSecond + r + 3] = b3;
  }
  for (; r < rows; r++) {
    dots[to + r] = dot(vectors, at + r * dim, dim, queries, from);
    dots[toSecond + r] = dot(vectors, at + r * dim, dim, queries, second);
  }
}

function dot(vectors: Float32Array, at: number, dim: number, queries: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += vectors[at + i] * queries[from + i];
  return sum;
}

function square(vectors: Float32Array, at: number, dim: number): number {
  let sum = 0;
  for (let i = at; i < at + dim; i++) sum += vectors[i] * vectors[i];
  return sum;
}
