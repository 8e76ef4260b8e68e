import { type MobileNetsError, WeightsError } from "../../packages/mobilenets/src/errors.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { mutate } from "./mutate.ts";

/** A format under attack; each has a file in `targets/`, whose `target()` makes one. */
export interface Target {
  /** Good files, by a name for reports. Small ones: most mutations should hit structure, not weights. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Reads a file and touches all that a user gets of it. */
  read(bytes: Uint8Array): Promise<unknown>;
  /** What bad files are refused by: WeightsError, unless the format holds no weights. */
  readonly refusal?: abstract new (
    ...args: never[]
  ) => MobileNetsError;
}

export interface Outcome {
  /** Files that were read in spite of what was done to them. */
  readonly read: number;
  /** Files refused by an error of ours. */
  readonly refused: number;
  /** Milliseconds of processor time that the slowest case took. */
  readonly slowest: number;
}

/** Of processor time, far more than any file here needs; a reader whose work grows with a forged count takes longer. */
const LIMIT_MS = 2000;

/**
 * Reads mutated files: each must be read, or be refused by the error that is meant for it, and soon.
 * @throws for a case that fails otherwise, with its number, from which `mutant` makes the file again
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

/** The file of a case. Cases do not depend on each other. */
export function mutant({ files }: Target, i: number, seed: number): { name: string; bytes: Uint8Array } {
  const names = Object.keys(files);
  const name = names[i % names.length];
  return { name, bytes: mutate(files[name], random(seed + i * 0x9e3779b1)) };
}
