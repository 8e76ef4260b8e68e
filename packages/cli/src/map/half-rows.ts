import { narrowFloat16, widenFloat16 } from "mobilenets/weights";
import { unitVectors } from "../search/unit.ts";
import type { VectorFolder } from "../search/vectors.ts";

/** Rows to convert at a time. */
export const BLOCK = 1024;

/** All vectors of a folder in memory, scaled to length 1, as float16. 50,000 rows of 1,280 numbers take 128 MB. */
export class HalfRows {
  readonly count: number;
  readonly dim: number;
  readonly #data: Uint16Array;

  private constructor(count: number, dim: number) {
    this.count = count;
    this.dim = dim;
    this.#data = new Uint16Array(count * dim);
  }

  /**
   * @param tick called with the number of rows read; throws to stop
   */
  static async read(
    folder: Pick<VectorFolder, "paths" | "dim" | "blocks">,
    tick: (rows: number) => Promise<void>,
  ): Promise<HalfRows> {
    const rows = new HalfRows(folder.paths.length, folder.dim);
    for await (const { from, vectors } of folder.blocks()) {
      await tick(from);
      rows.#data.set(narrowFloat16(unitVectors(vectors, folder.dim)), from * folder.dim);
    }
    return rows;
  }

  /** Rows `from` to below `to`, one after the other. */
  slice(from: number, to: number): Float32Array {
    return widenFloat16(this.#data.subarray(from * this.dim, to * this.dim));
  }

  /** The rows with these indices, one after the other. */
  gather(indices: ArrayLike<number>): Float32Array {
    const { dim } = this;
    const some = new Uint16Array(indices.length * dim);
    for (let i = 0; i < indices.length; i++) {
      some.set(this.#data.subarray(indices[i] * dim, (indices[i] + 1) * dim), i * dim);
    }
    return widenFloat16(some);
  }
}

/** The vectors of a matrix as views, for `VectorTable.nearest`. */
export function vectorsOf(matrix: Float32Array, dim: number): Float32Array[] {
  return Array.from({ length: matrix.length / dim }, (_, i) => matrix.subarray(i * dim, (i + 1) * dim));
}
