import type { Answer, Job } from "./computer.ts";

/** Computes batches: in this thread or in another. Accepts several at once. */
export interface Seat {
  compute(jobs: readonly Job[]): Promise<Answer[]>;
  close(): Promise<void>;
}

/** Batches that a seat holds at a time. While one runs, the next is decoded. */
const IN_FLIGHT = 2;

interface Waiting {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Hands files in batches to free seats. */
export class Pool {
  /** Number of files in progress at a time. More files wait. */
  readonly capacity: number;
  readonly #seats: readonly { readonly seat: Seat; busy: number }[];
  readonly #batch: number;
  readonly #queue: Waiting[] = [];
  #scheduled = false;

  constructor(seats: readonly Seat[], batch: number) {
    this.#seats = seats.map((seat) => ({ seat, busy: 0 }));
    this.#batch = batch;
    this.capacity = seats.length * IN_FLIGHT * batch;
  }

  run(job: Job): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      if (this.#scheduled) return;
      // Files of one turn of the event loop share batches.
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#hand();
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#seats.map(({ seat }) => seat.close()));
  }

  #hand(): void {
    while (this.#queue.length > 0) {
      const free = this.#seats.filter(({ busy }) => busy < IN_FLIGHT).sort((a, b) => a.busy - b.busy)[0];
      if (!free) return;
      const batch = this.#queue.splice(0, this.#batch);
      free.busy++;
      free.seat
        .compute(batch.map(({ job }) => job))
        .then(
          (answers) => {
            for (const [i, { resolve }] of batch.entries()) resolve(answers[i]);
          },
          (error) => {
            for (const { reject } of batch) reject(error);
          },
        )
        .finally(() => {
          free.busy--;
          this.#hand();
        });
    }
  }
}
