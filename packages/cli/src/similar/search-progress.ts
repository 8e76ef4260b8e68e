import { ProgressDisplay } from "../extract/progress.ts";
import { grouped } from "../table.ts";

/** The user has stopped the search; the message says how far it came. */
export class Interrupted extends Error {}

/** Whoever waits longer sees how far it is. */
const SILENT_MS = 1000;

/** How far a search is, for the user; and where it stops if the user wants it to. */
export class SearchProgress {
  readonly #total: number;
  readonly #signal: AbortSignal;
  readonly #display?: ProgressDisplay;
  readonly #start = performance.now();
  #isShown = false;

  /** @param total what is counted: pictures */
  constructor(total: number, signal: AbortSignal, quiet = false) {
    this.#total = total;
    this.#signal = signal;
    this.#display = quiet ? undefined : new ProgressDisplay(process.stderr, total, 0);
  }

  /**
   * @param share of the work that is done, 0 to 1
   * @throws Interrupted if the user has stopped it
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

  /** Makes room for results on the same terminal. */
  clear(): void {
    if (this.#isShown) this.#display?.clear();
  }
}
