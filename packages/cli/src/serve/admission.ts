import { HttpError } from "./http-error.ts";

/** The server's limit of pictures in progress. */

/** Seconds until a caller should try again. */
const RETRY_AFTER = 1;

/** Counts the pictures that the server has accepted and not yet answered. Refuses more than the queue holds. */
export class Admission {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws HttpError 503 for a full queue, 413 for more pictures than the queue ever holds */
  take(count: number): void {
    if (count > this.#most) {
      const message = `${count} pictures at once, expected at most ${this.#most}: send them in several requests`;
      throw new HttpError(413, "too_many_pictures", message);
    }
    if (this.#taken + count > this.#most) {
      throw new HttpError(503, "queue_full", "the server has as many pictures as it can take: try again", RETRY_AFTER);
    }
    this.#taken += count;
  }

  give(count: number): void {
    this.#taken -= count;
  }
}
