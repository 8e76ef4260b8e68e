import { type MobileNetsError, WeightsError } from "../../packages/mobilenets/src/errors.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { mutate } from "./mutate.ts";

/** A format to fuzz; each has a file in `targets/`, whose `target()` makes one. */
export interface Target {
  /** Valid files, by a name for reports. They are small, so that most mutations hit structure, not weights. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Reads a file and accesses everything that a user gets from it. */
  read(bytes: Uint8Array): Promise<unknown>;
  /** The error for invalid files: WeightsError, unless the format has no weights. */
  readonly refusal?: abstract new (
    ...args: never[]
  ) => MobileNetsError;
}

export interface Outcome {
  /** Number of mutated files that were read. */
  readonly read: number;
  /** Number of files refused by an error of ours. */
  readonly refused: number;
  /** CPU time of the slowest case in milliseconds. */
  readonly slowest: number;
}

/** Limit of CPU time, far more than any file needs; a reader whose work grows with a forged count exceeds it. */
const LIMIT_MS = 2000;

/**
 * Reads mutated files: each must be read, or refused by the right error, in time.
 * @throws for any other result, with the case's number, from which `mutant` makes the file again
 */
export async function fuzz(target: Target, cases: number, seed: number): Promise<Outcome> {
  const { refusal = WeightsError } = target;
  let refused = 0;
  let slowest = 0;
  for (let i = 0; i < cases; i++) {
    const { name, bytes } = mutant(target, i, seed);
    const what = `case ${i} of seed ${seed}, made of ${name} (${bytes.length} bytes)`;
    const start = process.cpuUsage();
    try {
      await target.read(bytes);
    } catch (error) {
      if (!(error instanceof refusal)) throw new Error(`${what}: not a ${refusal.name}: ${error}`, { cause: error });
      refused++;
    }
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    if (ms > LIMIT_MS) throw new Error(`${what}: took ${Math.round(ms)} ms`);
    slowest = Math.max(slowest, ms);
  }
  return { read: cases - refused, refused, slowest };
}

/** The file of a case. Cases are independent. */
export function mutant({ files }: Target, i: number, seed: number): { name: string; bytes: Uint8Array } {
  const names = Object.keys(files);
  const name = names[i % names.length];
  return { name, bytes: mutate(files[name], random(seed + i * 0x9e3779b1)) };
}
