import { grouped } from "../table.ts";

interface Found {
  readonly similar: readonly { readonly row: number; readonly similarity: number }[];
}

/** Rounding of similarities that are computed from vectors of length 1. */
const ROUNDING = 1e-6;

/** Share of the exact neighbours that a search has found, over all queries. */
export class Recall {
  #queries = 0;
  #wanted = 0;
  #found = 0;

  add(answers: readonly Found[], exact: readonly Found[]): void {
    for (const [q, { similar }] of exact.entries()) {
      const least = (similar.at(-1)?.similarity ?? Infinity) - ROUNDING;
      this.#queries++;
      this.#wanted += similar.length;
      // Another row of equal similarity counts as found.
      this.#found += answers[q].similar.filter((one) => one.similarity >= least).length;
    }
  }

  get value(): number {
    return this.#wanted === 0 ? 1 : this.#found / this.#wanted;
  }

  line(top: number): string {
    return `recall@${top}: ${this.value.toFixed(4)} against float32, over ${grouped(this.#queries)} ${this.#queries === 1 ? "query" : "queries"}`;
  }
}
