/** `rows` vectors of `columns` numbers, one after the other. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** @param vectors all of one length, at least one */
export function matrixOf(vectors: readonly ArrayLike<number>[]): Matrix {
  const columns = vectors[0].length;
  const data = new Float32Array(vectors.length * columns);
  vectors.forEach((vector, row) => {
    data.set(vector, row * columns);
  });
  return { data, rows: vectors.length, columns };
}

export interface Neighbour {
  readonly row: number;
  /** Cosine of the vectors less the mean of all: 1 the same direction, 0 unrelated, -1 opposite. */
  readonly similarity: number;
}

/** Every row's `k` most similar other rows, best first: nobody is a neighbour of itself. */
export function nearest(matrix: Matrix, k: number): Neighbour[][] {
  const unit = normalised(matrix);
  const rows = Array.from({ length: matrix.rows }, (_, i) => i);
  return rows.map((row) =>
    rows
      .filter((other) => other !== row)
      .map((other) => ({ row: other, similarity: dot(unit, row, other) }))
      .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
      .slice(0, k),
  );
}

/** The class most of the neighbours have; among equals, the one whose first neighbour is nearest. */
export function vote(neighbours: readonly Neighbour[], labels: readonly number[]): number {
  const votes = new Map<number, number>();
  for (const { row } of neighbours) votes.set(labels[row], (votes.get(labels[row]) ?? 0) + 1);
  const most = Math.max(...votes.values());
  // A Map iterates in the order of insertion, which is that of the neighbours.
  return [...votes.keys()].find((label) => votes.get(label) === most) as number;
}

/**
 * Rows less their mean, scaled to length 1, so that their dot product is the cosine. What all pictures have in common
 * tells none of them apart: left in, it makes all cosines nearly 1.
 */
function normalised({ data, rows, columns }: Matrix): Matrix {
  const mean = new Float64Array(columns);
  data.forEach((x, i) => {
    mean[i % columns] += x / rows;
  });
  const unit = data.map((x, i) => x - mean[i % columns]);
  for (let row = 0; row < rows; row++) {
    const vector = unit.subarray(row * columns, (row + 1) * columns);
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
    vector.forEach((x, i) => {
      vector[i] = x / length;
    });
  }
  return { data: unit, rows, columns };
}

function dot({ data, columns }: Matrix, a: number, b: number): number {
  let sum = 0;
  for (let i = 0, p = a * columns, q = b * columns; i < columns; i++) sum += data[p++] * data[q++];
  return sum;
}
