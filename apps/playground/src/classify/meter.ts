/** Milliseconds over which frames are counted. */
const SPAN = 1000;

/** Counts the answered frames of the last second. */
export class Meter {
  readonly #times: number[] = [];

  /** @returns frames per second; 0 for fewer than two frames */
  count(now: number): number {
    this.#times.push(now);
    while (now - this.#times[0] > SPAN) this.#times.shift();
    const span = now - this.#times[0];
    return span > 0 ? ((this.#times.length - 1) * 1000) / span : 0;
  }
}

/** Milliseconds between two words, so that a screen reader can finish one. */
const PAUSE = 2000;

/** Announces what a webcam shows when it changes, at a limited rate. */
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
