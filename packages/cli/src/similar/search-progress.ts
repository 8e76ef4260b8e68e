import { ProgressDisplay } from "../extract/progress.ts";
import { grouped } from "../table.ts";

/** The user has stopped the work. The message tells the progress. */
export class Interrupted extends Error {}

/** Milliseconds without a display. Longer searches show their progress. */
const SILENT_MS = 1000;

/** Shows the progress of a search, and stops it at the user's signal. */
export class SearchProgress {
  readonly #total: number;
  readonly #signal: AbortSignal;
  readonly #display?: ProgressDisplay;
  readonly #start = performance.now();
  #isShown = false;

  /** @param total number of pictures */
  constructor(total: number, signal: AbortSignal, quiet = false) {
    this.#total = total;
    this.#signal = signal;
    this.#display = quiet ? undefined : new ProgressDisplay(process.stderr, total, 0);
  }

  /**
   * @param share of the finished work, 0 to 1
   * @throws Interrupted if the user has stopped the search
   */
  report(share: number): void {
    const done = Math.floor(share * this.#total);
    if (this.#signal.aborted) {
      this.clear();
      throw new Interrupted(`interrupted: ${grouped(done)} of ${grouped(this.#total)} pictures are done`);
    }
    this.#isShown ||= performance.now() - this.#start > SILENT_MS && done < this.#total;
    if (this.#isShown) this.#display?.update(done, 0);
  }

  /** Clears the line, for results on the same terminal. */
  clear(): void {
    if (this.#isShown) this.#display?.clear();
  }
}
