import { environment } from "#worker";
import { OptionError } from "../errors.ts";
import { hasWideTiles } from "../kernels/geometry.ts";
import type { Isa } from "../kernels/wat.ts";
import { show } from "../show.ts";

/**
 * Bits that the host's compiler makes one operation of. WebAssembly has vectors of 128 bits; V8 can compute two of them at
 * once, if it is told to and the processor has AVX2 (`--wasm-revectorize`). The results are the same to the bit.
 */
export type SimdBits = 128 | 256;

/** Overrules the option, for tests and measurements. */
const VARIABLE = "MOBILENETS_SIMD_BITS";

/**
 * Wide tiles are taken if their time is below this share of the narrow ones' time. Measured: 0.7 where the host widens,
 * 1.5 where it does not.
 */
const WORTH_IT = 0.85;
/** Pairs of times that decide. They are the last ones, as the optimising compiler is done at an unknown time. */
const PAIRS = 8;
/** Pairs after which the host is taken for one that does not widen. */
const MOST_PAIRS = 32;
/** Milliseconds between pairs at least, so that the compiler has time for its work. */
const PAUSE = 30;
/** Between pairs lies so many times what a pair took: measuring is a small part of the time. */
const PAUSE_PER_PAIR = 16;
/** The least length of a pair's times, in milliseconds, and in steps of the clock. */
const LEAST_MS = 0.3;
const LEAST_TICKS = 5;
/** Calls of a step for one time at most, whatever a first call says. */
const MOST_REPEATS = 64;
const SHORTEST_MS = 0.01;
/** With a coarser clock a time would take too long. Hosts that have one do not widen. */
const COARSEST_MS = 0.25;
/** The first runs, which are not timed: the compiler warms up, and a user waits for them. */
const UNTOUCHED_RUNS = 3;

/** Milliseconds of so many calls with either tile, right after each other. */
interface Pair {
  readonly wide: number;
  readonly narrow: number;
  readonly repeats: number;
}

/**
 * Which tiles to use. No feature test tells whether a host widens, but times do, once the optimising compiler has been
 * through both kernels. So runs begin with narrow tiles, and now and then one of their steps is timed with either.
 */
export class TileChoice {
  /** Of what is used now. */
  bits: SimdBits;
  /** Whether that is final. */
  settled: boolean;
  #runs = 0;
  #next = 0;
  #leastMs: number | undefined;
  readonly #pairs: Pair[] = [];
  readonly #now: () => number;

  /**
   * @param forced final from the start; otherwise times decide
   * @param now the clock, in milliseconds
   */
  constructor(forced?: SimdBits, now = () => performance.now()) {
    this.bits = forced ?? 128;
    this.settled = forced !== undefined;
    this.#now = now;
  }

  /** Whether to time a step in the next run. It is called before each run that could be used for that. */
  isDue(): boolean {
    if (this.settled || ++this.#runs <= UNTOUCHED_RUNS) return false;
    return this.#now() >= this.#next;
  }

  /** Times a step's two kernels. @param run runs the step once, with these tiles; the last call is of narrow ones */
  time(run: (bits: SimdBits) => void): void {
    const start = this.#now();
    this.#leastMs ??= Math.max(LEAST_MS, LEAST_TICKS * this.#tick());
    if (this.#leastMs > LEAST_TICKS * COARSEST_MS) {
      run(128);
      this.settled = true;
      return;
    }
    const narrow = this.#timed(() => run(128), 1);
    const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(this.#leastMs / Math.max(narrow, SHORTEST_MS))));
    this.#judge({ wide: this.#timed(() => run(256), repeats), narrow: this.#timed(() => run(128), repeats), repeats });
    const now = this.#now();
    this.#next = now + Math.max(PAUSE, PAUSE_PER_PAIR * (now - start));
  }

  #timed(act: () => void, repeats: number): number {
    const start = this.#now();
    for (let i = 0; i < repeats; i++) act();
    return this.#now() - start;
  }

  /** Milliseconds of a step of the clock. */
  #tick(): number {
    const start = this.#now();
    let now = start;
    while (now === start) now = this.#now();
    return now - start;
  }

  #judge(pair: Pair): void {
    this.#pairs.push(pair);
    if (this.#pairs.length < PAIRS) return;
    const last = this.#pairs.slice(-PAIRS);
    // The fastest of each, as other work on the machine can only add to a time.
    const best = (tile: "wide" | "narrow") => Math.min(...last.map((times) => times[tile] / times.repeats));
    if (best("wide") < WORTH_IT * best("narrow")) this.bits = 256;
    this.settled = this.bits === 256 || this.#pairs.length >= MOST_PAIRS;
  }
}

/** The choice of this process. What one model has found out holds for all. */
const measured = new TileChoice();
const forced = { 128: new TileChoice(128), 256: new TileChoice(256) };

/**
 * What an option means on this host; the environment variable overrules it.
 * @throws OptionError for anything but 128, 256 and "auto"
 */
export function tileChoice(isa: Isa, option: SimdBits | "auto" = "auto"): TileChoice {
  checkSimdBits(option, "simdBits");
  const variable = environment(VARIABLE);
  const number = Number(variable) as SimdBits;
  if (variable !== undefined) checkSimdBits(variable === "auto" ? variable : number, VARIABLE);
  if (!hasWideTiles(isa)) return forced[128];
  const asked = variable === undefined ? option : variable === "auto" ? "auto" : number;
  return asked === "auto" ? measured : forced[asked];
}

function checkSimdBits(value: unknown, where: string): asserts value is SimdBits | "auto" {
  if (value === 128 || value === 256 || value === "auto") return;
  throw new OptionError({ where, found: show(value), expected: '128, 256 or "auto"' });
}
