export interface BatcherOptions {
  /** Most inputs in a batch. */
  readonly maxBatch: number;
  /** Milliseconds that the first input waits for others, at most. */
  readonly maxDelay: number;
  /** Told of every batch that is run. */
  readonly onBatch?: (size: number) => void;
}

interface Waiting<T, R> {
  readonly input: T;
  readonly isWanted: () => boolean;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Nobody waits for the value any more. */
export class Unwanted extends Error {}

/**
 * Runs inputs that come one by one in batches. A batch begins when it is full or when its first input has waited long
 * enough; while one runs, the next one gathers, so that under load batches are full without waiting.
 */
export class Batcher<T, R> {
  readonly #run: (inputs: readonly T[]) => Promise<readonly R[]>;
  readonly #options: BatcherOptions;
  readonly #runners: number;
  #waiting: Waiting<T, R>[] = [];
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #due = false;

  /**
   * @param run one value per input, in order
   * @param runners batches that may run at a time
   */
  constructor(run: (inputs: readonly T[]) => Promise<readonly R[]>, options: BatcherOptions, runners = 1) {
    this.#run = run;
    this.#options = options;
    this.#runners = runners;
  }

  /**
   * @param isWanted asked when a batch begins
   * @throws Unwanted if no client waits for the value any more
   */
  add(input: T, isWanted = () => true): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, isWanted, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    const { maxBatch, maxDelay } = this.#options;
    if (this.#running === this.#runners || this.#waiting.length === 0) return;
    if (this.#waiting.length < maxBatch && maxDelay > 0 && !this.#due) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#due = true;
        this.#next();
      }, maxDelay);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = false;
    void this.#start(this.#take(maxBatch));
  }

  /** The first that are still wanted. */
  #take(count: number): readonly Waiting<T, R>[] {
    const batch: Waiting<T, R>[] = [];
    while (batch.length < count && this.#waiting.length > 0) {
      const one = this.#waiting.shift()!;
      if (one.isWanted()) batch.push(one);
      else one.reject(new Unwanted());
    }
    return batch;
  }

  async #start(batch: readonly Waiting<T, R>[]): Promise<void> {
    if (batch.length === 0) return;
    this.#running++;
    this.#options.onBatch?.(batch.length);
    try {
      const values = await this.#run(batch.map(({ input }) => input));
      for (const [i, { resolve }] of batch.entries()) resolve(values[i]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running--;
      // Who came while it ran has waited already.
      this.#due = true;
      this.#next();
      if (this.#waiting.length === 0) this.#due = false;
    }
  }
}
