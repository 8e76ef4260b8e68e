/** A vector found by a search. */
export interface Neighbour {
  /** Row of the vector, counted from 0 over all vectors. */
  readonly index: number;
  /** Value of the metric; larger is more similar. A cosine is -1 to 1. */
  readonly similarity: number;
}

/** Keeps the `k` best of the offered vectors, in memory for `k`: a binary heap with the worst at its root. */
export class TopHeap {
  /** A vector enters only with a similarity above this one. */
  floor = -Infinity;
  readonly #k: number;
  readonly #similarities: number[] = [];
  readonly #indices: number[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  /** Adds a vector. Among equal similarities the lower index is better, in any order of arrival. */
  offer(index: number, similarity: number): void {
    const size = this.#indices.length;
    if (size < this.#k) {
      this.#put(size, index, similarity);
      this.#rise(size);
    } else if (this.#isWorse(0, index, similarity)) {
      this.#put(0, index, similarity);
      this.#sink();
    }
    if (this.#indices.length === this.#k) this.floor = this.#similarities[0];
  }

  /** The kept vectors, best first. */
  ranked(): Neighbour[] {
    return this.#indices
      .map((index, i) => ({ index, similarity: this.#similarities[i] }))
      .sort((a, b) => b.similarity - a.similarity || a.index - b.index);
  }

  #put(at: number, index: number, similarity: number): void {
    this.#indices[at] = index;
    this.#similarities[at] = similarity;
  }

  /** Whether the entry at `at` comes after one of this index and similarity. */
  #isWorse(at: number, index: number, similarity: number): boolean {
    const own = this.#similarities[at];
    return own < similarity || (own === similarity && this.#indices[at] > index);
  }

  #swap(a: number, b: number): void {
    const [index, similarity] = [this.#indices[a], this.#similarities[a]];
    this.#put(a, this.#indices[b], this.#similarities[b]);
    this.#put(b, index, similarity);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, this.#indices[parent], this.#similarities[parent])) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const size = this.#indices.length;
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < size && this.#isWorse(child, this.#indices[worst], this.#similarities[worst])) worst = child;
      }
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }
}
