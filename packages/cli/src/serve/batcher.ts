/** Limits of the batches of a server. */
export interface BatcherOptions {
  /** Most inputs in a batch. */
  readonly maxBatch: number;
  /** Most milliseconds that the first input waits for others. */
  readonly maxDelay: number;
  /** Called with the size of every batch. */
  readonly onBatch?: (size: number) => void;
}

interface Waiting<T, R> {
  readonly input: T;
  readonly isWanted: () => boolean;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/** The caller no longer waits for the value. */
export class Unwanted extends Error {}

/**
 * Collects single inputs into batches and runs them. A batch starts when it is full, or when its first input has waited
 * for `maxDelay`. The next batch collects while one runs, so batches under load are full without waiting.
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
   * @param run returns one value per input, in order
   * @param runners most batches that run at a time
   */
  constructor(run: (inputs: readonly T[]) => Promise<readonly R[]>, options: BatcherOptions, runners = 1) {
    this.#run = run;
    this.#options = options;
    this.#runners = runners;
  }

  /**
   * @param isWanted called when the batch starts
   * @throws Unwanted if the client no longer waits for the value
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

  /** Takes the first wanted inputs, and rejects unwanted ones before them. */
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
      // Inputs that came while the batch ran have already waited.
      this.#due = true;
      this.#next();
      if (this.#waiting.length === 0) this.#due = false;
    }
  }
}
