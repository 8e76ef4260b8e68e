import { environment } from "#worker";
import { OptionError } from "../errors.ts";
import { hasWideTiles } from "../kernels/geometry.ts";
import type { Isa } from "../kernels/wat.ts";
import { show } from "../show.ts";

/**
 * Bits per operation of the host's compiler. WebAssembly has vectors of 128 bits; V8 can fuse two of them into one
 * operation with `--wasm-revectorize` on a processor with AVX2. The results are the same to the bit.
 */
export type SimdBits = 128 | 256;

/** Environment variable that overrides the option, for tests and measurements. */
const VARIABLE = "MOBILENETS_SIMD_BITS";

/**
 * Wide tiles win if their time is below this share of the narrow tiles' time. Measured: 0.7 on hosts that widen, 1.5 on
 * others.
 */
const WORTH_IT = 0.85;
/** Pairs of times that decide: the last ones, because the optimising compiler finishes at an unknown time. */
const PAIRS = 8;
/** Pairs after which the host counts as one that does not widen. */
const MOST_PAIRS = 32;
/** Minimum of milliseconds between pairs: it gives the compiler time. */
const PAUSE = 30;
/** Minimum time between pairs, in durations of a pair: measuring stays a small part of the time. */
const PAUSE_PER_PAIR = 16;
/** Minimum length of a pair's times, in milliseconds and in steps of the clock. */
const LEAST_MS = 0.3;
const LEAST_TICKS = 5;
/** Most calls of a step for one time, however short the first call is. */
const MOST_REPEATS = 64;
const SHORTEST_MS = 0.01;
/** Coarsest usable step of the clock: beyond it a time would take too long. Such hosts do not widen. */
const COARSEST_MS = 0.25;
/** First runs, without timing: the compiler warms up, and a user waits for them. */
const UNTOUCHED_RUNS = 3;

/** Milliseconds of `repeats` calls with each tile, directly after each other. */
interface Pair {
  readonly wide: number;
  readonly narrow: number;
  readonly repeats: number;
}

/**
 * Chooses the tiles. No feature test shows whether a host widens; times do, after the optimising compiler has compiled
 * both kernels. Runs begin with narrow tiles, and at times one of their steps is timed with each tile.
 */
export class TileChoice {
  /** Width of the current tiles. */
  bits: SimdBits;
  /** Whether the choice is final. */
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

  /** Whether to time a step in the next run. Called before each run that allows it. */
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

  /** Resolution of the clock in milliseconds. */
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
    // The minimum of each, because other work on the machine only adds to a time.
    const best = (tile: "wide" | "narrow") => Math.min(...last.map((times) => times[tile] / times.repeats));
    if (best("wide") < WORTH_IT * best("narrow")) this.bits = 256;
    this.settled = this.bits === 256 || this.#pairs.length >= MOST_PAIRS;
  }
}

/** The choice of this process: all models share it. */
const measured = new TileChoice();
const forced = { 128: new TileChoice(128), 256: new TileChoice(256) };

/**
 * Resolves the option on this host; the environment variable overrides it.
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
