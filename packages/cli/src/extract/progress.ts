import { grouped } from "../table.ts";

/** Progress, speed and time left: `1,200/10,000  12%  43.1/s  3 failed  about 3m 24s left`. */
export function progressLine(at: {
  readonly done: number;
  /** Undefined if it is not known. */
  readonly total?: number;
  readonly failed: number;
  /** Pictures of this run alone: the speed is computed from them. */
  readonly doneNow: number;
  readonly seconds: number;
}): string {
  const { done, total, failed, doneNow, seconds } = at;
  const parts =
    total === undefined
      ? [`${grouped(done)} done`]
      : [`${grouped(done)}/${grouped(total)}`, `${Math.floor((100 * done) / total)}%`];
  const rate = doneNow / seconds;
  if (doneNow > 0 && seconds > 0) parts.push(`${rate.toFixed(1)}/s`);
  if (failed > 0) parts.push(`${grouped(failed)} failed`);
  if (total !== undefined && doneNow > 0 && seconds > 0 && done < total)
    parts.push(`about ${duration((total - done) / rate)} left`);
  return parts.join("  ");
}

/** `42s`, `3m 24s`, `2h 5m` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

/** A stream to show progress on: `process.stderr`. Some terminals report 0 columns. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Redraws one line on a terminal. Prints a line now and then to a log file. */
export class ProgressDisplay {
  readonly #screen: Screen;
  readonly #total: number | undefined;
  readonly #doneBefore: number;
  readonly #label: string;
  readonly #start: number;
  #last: number;

  /**
   * @param total undefined if it is not known
   * @param label name of the step, if there are several
   */
  constructor(screen: Screen, total: number | undefined, doneBefore: number, label = "") {
    this.#screen = screen;
    this.#total = total;
    this.#doneBefore = doneBefore;
    this.#label = label === "" ? "" : `${label}: `;
    this.#start = this.#last = performance.now();
  }

  update(done: number, failed: number): void {
    const total = this.#total;
    const now = performance.now();
    const interval = this.#screen.isTTY ? 100 : 5000;
    if (now - this.#last < interval && (total === undefined || done < total)) return;
    this.#last = now;
    const doneNow = done - this.#doneBefore;
    const seconds = (now - this.#start) / 1000;
    const line = this.#label + progressLine({ done, total, failed, doneNow, seconds });
    // A wrapped line cannot be redrawn.
    const text = this.#screen.isTTY ? `\r\x1b[K${line.slice(0, (this.#screen.columns || 80) - 1)}` : `${line}\n`;
    this.#screen.write(text);
  }

  /** Removes the line, so results can be printed in its place. */
  clear(): void {
    if (this.#screen.isTTY) this.#screen.write("\r\x1b[K");
  }

  /** Keeps the last line. The next output starts on a new line. */
  end(): void {
    if (this.#screen.isTTY) this.#screen.write("\n");
  }
}
