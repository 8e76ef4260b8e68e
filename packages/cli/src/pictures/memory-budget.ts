/**
 * Limits the bytes of all pictures in progress. A picture that needs more waits for room. The picture that the caller
 * waits for always continues, so none waits for ever. Pictures hold at most the limit plus one picture.
 */
export class MemoryBudget {
  readonly #limit: number;
  readonly #waiting: { readonly share: Share; readonly bytes: number; readonly admit: () => void }[] = [];
  #used = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held now. */
  get used(): number {
    return this.#used;
  }

  /** Makes an empty share for one picture. */
  open(): Share {
    return new Share(this);
  }

  /** @internal */
  async take(share: Share, bytes: number): Promise<void> {
    if (!this.#fits(share, bytes)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ share, bytes, admit: resolve });
      });
    } else {
      this.#used += bytes;
    }
  }

  /** @internal */
  give(bytes: number): void {
    this.#used -= bytes;
    this.admit();
  }

  /** @internal Admits the waiting shares that now fit, in their order. */
  admit(): void {
    for (let i = 0; i < this.#waiting.length; ) {
      const { share, bytes, admit } = this.#waiting[i];
      if (!this.#fits(share, bytes)) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#used += bytes;
      admit();
    }
  }

  #fits(share: Share, bytes: number): boolean {
    return share.wanted || this.#used + bytes <= this.#limit;
  }
}

/** One picture's part of a budget. */
export class Share {
  readonly #budget: MemoryBudget;
  #bytes = 0;
  #wanted = false;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** True if the caller waits for the picture. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Adds bytes. Resolves when there is room for them. */
  async grow(bytes: number): Promise<void> {
    await this.#budget.take(this, bytes);
    this.#bytes += bytes;
  }

  /** Gives back some bytes. */
  shrink(bytes: number): void {
    this.#bytes -= bytes;
    this.#budget.give(bytes);
  }

  /** Marks the picture as the one that the caller waits for. */
  want(): void {
    this.#wanted = true;
    this.#budget.admit();
  }

  /** Gives back all bytes. */
  close(): void {
    this.shrink(this.#bytes);
  }
}
