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

/** Milliseconds between two words: a screen reader has to end one. */
const PAUSE = 2000;

/** Says what a webcam shows when it is another thing, not as often as there are frames. */
export function teller(tell: (label: string) => void): (label: string, now: number) => void {
  let told = "";
  let at = Number.NEGATIVE_INFINITY;
  return (label, now) => {
    if (label === told || now - at < PAUSE) return;
    told = label;
    at = now;
    tell(label);
  };
}
