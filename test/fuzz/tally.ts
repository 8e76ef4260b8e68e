import type { Report } from "./watch/attempt.ts";

const TOLD_EVERY_MS = 10_000;

/** Counts results of cases, and prints progress. */
export class Tally {
  readonly #name: string;
  readonly #total: number;
  readonly #start = performance.now();
  readonly #results = { refused: 0, loaded: 0, ran: 0 };
  readonly #messages = new Set<string>();
  #findings = 0;
  #lost = 0;
  #slowest = 0;
  #longest = 0;
  #largest = 0;
  #told = performance.now();

  constructor(name: string, total: number) {
    this.#name = name;
    this.#total = total;
  }

  add({ result, cpuMs, wallMs, megabytes, message }: Report): void {
    this.#results[result]++;
    this.#slowest = Math.max(this.#slowest, cpuMs);
    this.#longest = Math.max(this.#longest, wallMs);
    this.#largest = Math.max(this.#largest, megabytes);
    if (message !== undefined) this.#messages.add(kindOf(message));
    if (performance.now() - this.#told > TOLD_EVERY_MS) this.#tell();
  }

  /** Counts a case that ended its process. */
  lost(): void {
    this.#lost++;
  }

  found(what: string): void {
    this.#findings++;
    console.error(`FOUND ${what}`);
  }

  get #done(): number {
    const { refused, loaded, ran } = this.#results;
    return refused + loaded + ran + this.#lost;
  }

  #tell(): void {
    this.#told = performance.now();
    const seconds = (performance.now() - this.#start) / 1000;
    const rate = this.#done / seconds;
    const left = Math.round((this.#total - this.#done) / rate);
    const share = Math.round((100 * this.#done) / this.#total);
    console.error(
      `${this.#name}: ${this.#done} of ${this.#total} (${share} %), ${rate.toFixed(0)}/s, ${left} s left, ${this.#findings} findings`,
    );
  }

  summary(): string {
    const { refused, loaded, ran } = this.#results;
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(0);
    return [
      `${this.#name}: ${this.#done} cases in ${seconds} s, ${this.#findings} findings`,
      `${refused} refused in ${this.#messages.size} kinds of words, ${ran} ran alike on two engines, ${loaded} too large for that`,
      `slowest ${this.#slowest.toFixed(0)} ms of the processor, ${this.#longest.toFixed(0)} ms, most memory ${this.#largest.toFixed(0)} MB`,
    ].join("; ");
  }
}

/** An error message without file-specific parts. */
function kindOf(message: string): string {
  return message
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, "0")
    .slice(0, 200);
}
