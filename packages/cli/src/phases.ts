import { ProgressDisplay } from "./extract/progress.ts";
import { Interrupted } from "./similar/search-progress.ts";
import { grouped } from "./table.ts";

/** Whoever waits longer sees how far it is. */
const SILENT_MS = 1000;
/** Between two looks at signals. */
const BREATH_MS = 50;

/** Progress of work that comes in phases, one after the other; stops it when the user wants it to. */
export class Phases {
  readonly #signal: AbortSignal;
  readonly #quiet: boolean;
  readonly #kept: string;
  readonly #start = performance.now();
  #display: ProgressDisplay | undefined;

  /** @param kept what the user has when the work is interrupted, such as `nothing is written` */
  constructor(signal: AbortSignal, quiet: boolean, kept: string) {
    this.#signal = signal;
    this.#quiet = quiet;
    this.#kept = kept;
  }

  /**
   * @param what is counted
   * @returns to be called with what is done, as often as one likes: lets signals in; throws Interrupted
   */
  begin(what: string, total: number): (done: number) => Promise<void> {
    this.end();
    this.#display = new ProgressDisplay(process.stderr, total, 0, what);
    let last = performance.now();
    return async (done) => {
      const now = performance.now();
      if (now - last < BREATH_MS) return;
      last = now;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#signal.aborted) {
        this.end();
        throw new Interrupted(`interrupted: ${this.#kept} (${what}: ${grouped(done)} of ${grouped(total)})`);
      }
      if (!this.#quiet && now - this.#start > SILENT_MS) this.#display?.update(done, 0);
    };
  }

  /** Makes room for results on the same terminal. */
  end(): void {
    if (!this.#quiet) this.#display?.clear();
    this.#display = undefined;
  }
}
