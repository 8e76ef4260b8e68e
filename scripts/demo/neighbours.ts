import { nearest } from "mobilenets";

/** `rows` vectors of `columns` numbers, one after the other. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** @param vectors at least one vector, all of one length */
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
  /** Cosine after subtraction of the mean of all vectors: 1 the same direction, 0 unrelated, -1 opposite. */
  readonly similarity: number;
}

/** The `k` most similar other rows of every row, best first. */
export async function neighbours(matrix: Matrix, k: number): Promise<Neighbour[][]> {
  const { data, rows, columns } = centred(matrix);
  const vectors = { data, shape: [rows, columns] };
  // One more, which is the row itself or, among many equal rows, a surplus one.
  const found = await nearest(vectors, vectors, { k: k + 1 });
  return found.map((best, row) => {
    const others = best.filter(({ index }) => index !== row).slice(0, k);
    return others.map(({ index, similarity }) => ({ row: index, similarity }));
  });
}

/** The most frequent class of the neighbours; in a tie, that of the nearest neighbour. */
export function vote(neighbours: readonly Neighbour[], labels: readonly number[]): number {
  const votes = new Map<number, number>();
  for (const { row } of neighbours) votes.set(labels[row], (votes.get(labels[row]) ?? 0) + 1);
  const most = Math.max(...votes.values());
  // A Map iterates in order of insertion, which is that of the neighbours.
  return [...votes.keys()].find((label) => votes.get(label) === most) as number;
}

/** Subtracts the mean row. What all pictures have in common would make all cosines nearly 1. */
function centred({ data, rows, columns }: Matrix): Matrix {
  const mean = new Float64Array(columns);
  data.forEach((x, i) => {
    mean[i % columns] += x / rows;
  });
  return { data: data.map((x, i) => x - mean[i % columns]), rows, columns };
}
