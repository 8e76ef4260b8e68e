import { HttpError } from "./http-error.ts";

/** Seconds after which a caller may try again. */
const RETRY_AFTER = 1;

/** How many pictures the server has taken and not answered yet; it takes no more than its queue holds. */
export class Admission {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws HttpError 503 if there is no room, 413 if there never is */
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
