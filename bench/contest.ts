import { median } from "./statistics.ts";

/** A contender and its work. */
export interface Order {
  readonly contender: string;
  readonly network: string;
  readonly threads: number;
}

/** A `Seat` in another process or browser. */
export interface RemoteSeat {
  readonly contender: string;
  /** The actual number of threads. */
  readonly threads: number;
  output(): Promise<readonly number[]>;
  warmUp(runs: number, ms: number): Promise<void>;
  time(pictures: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface Pace {
  readonly warmUpRuns: number;
  readonly warmUpMs: number;
  readonly rounds: number;
  /** Milliseconds of a contender's turn. */
  readonly turnMs: number;
}

/** Largest difference of an output from the first contender's, relative to the largest value. */
const TOLERANCE = 1e-3;
/** Pause between turns, in milliseconds: thread pools spin for a while after their work. */
const SETTLE = 50;
/** Least pictures for a turn's median. */
const LEAST_PICTURES = 3;

/**
 * Runs the contenders in short turns, round after round, so that other work of the machine affects all of them alike.
 * @param onRound called with the milliseconds per picture of each contender, the medians of their turns
 * @returns the turns of each contender
 * @throws if a contender's result differs from the first one's
 */
export async function contest(
  seats: readonly RemoteSeat[],
  pace: Pace,
  onRound: (times: readonly number[]) => void,
): Promise<number[][]> {
  const expected = await seats[0].output();
  for (const seat of seats) checkSame(seat.contender, await seat.output(), expected);
  for (const seat of seats) await seat.warmUp(pace.warmUpRuns, pace.warmUpMs);
  const pictures = await inTurn(seats, async (seat) => pace.turnMs / median(await seat.time(LEAST_PICTURES)));
  const turns = seats.map((): number[] => []);
  for (let round = 0; round < pace.rounds; round++) {
    const times = await inTurn(seats, async (seat, i) =>
      median(await seat.time(Math.max(LEAST_PICTURES, pictures[i]))),
    );
    for (const [i, time] of times.entries()) turns[i].push(time);
    onRound(times);
  }
  return turns;
}

async function inTurn<T>(seats: readonly RemoteSeat[], act: (seat: RemoteSeat, i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const [i, seat] of seats.entries()) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE));
    results.push(await act(seat, i));
  }
  return results;
}

function checkSame(contender: string, actual: readonly number[], expected: readonly number[]): void {
  const largest = Math.max(...expected);
  if (!(largest > 2 / expected.length)) throw new Error("all classes get the same answer: there is nothing to compare");
  const difference = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]))) / largest;
  if (actual.length === expected.length && difference <= TOLERANCE) return;
  throw new Error(`${contender} computes something else: ${actual.length} values, off by ${difference} of the largest`);
}
