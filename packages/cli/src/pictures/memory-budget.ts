/**
 * Bytes that pictures under way may hold together. A picture that needs more waits until there is room. Only the one
 * that the caller waits for goes on in any case, so that none waits for ever. Pictures then hold at most the limit and
 * one picture.
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

  /** The share of one picture; it holds nothing yet. */
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

  /** @internal Lets those go on that fit now, in the order in which they came. */
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

/** What one picture holds of a budget. */
export class Share {
  readonly #budget: MemoryBudget;
  #bytes = 0;
  #wanted = false;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Whether somebody waits for the picture. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Resolves when there is room for so many bytes more. */
  async grow(bytes: number): Promise<void> {
    await this.#budget.take(this, bytes);
    this.#bytes += bytes;
  }

  /** Gives some bytes back. */
  shrink(bytes: number): void {
    this.#bytes -= bytes;
    this.#budget.give(bytes);
  }

  /** Somebody waits for the picture now. */
  want(): void {
    this.#wanted = true;
    this.#budget.admit();
  }

  /** Gives back all that is held. */
  close(): void {
    this.shrink(this.#bytes);
  }
}
