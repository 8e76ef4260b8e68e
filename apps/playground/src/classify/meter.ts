/** Milliseconds over which frames are counted. */
const SPAN = 1000;

/** Counts frames: how many in the last second, as they were answered. */
export class Meter {
  readonly #times: number[] = [];

  /** @returns frames a second; 0 before there are two */
  count(now: number): number {
    this.#times.push(now);
    while (now - this.#times[0] > SPAN) this.#times.shift();
    const span = now - this.#times[0];
    return span > 0 ? ((this.#times.length - 1) * 1000) / span : 0;
  }
}
