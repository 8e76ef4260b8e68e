import { MobileNetsError } from "mobilenets";
import { isMachineFailure } from "mobilenets/store";
import type { Limits } from "./limits.ts";

/** Tells failures of the machine from failures of pictures. */

/** The machine failed, not the picture. The job ends, and the next run tries the rest. */
export class MachineError extends MobileNetsError {
  override get name(): string {
    return "MachineError";
  }
}

/** @throws MachineError if the machine caused `error`: too many open files, no memory, or a failing disk */
export function throwMachineFailure(path: string, error: unknown): void {
  if (!isMachineFailure(error)) return;
  const hint = "the same command continues once the machine works again";
  const found = `this machine failed (${(error as Error).message})`;
  throw new MachineError({ where: path, found, hint }, { cause: error });
}

/** This many unreadable files in a row mean a missing disk, a network failure, or a wrong folder. */
const MOST_UNREADABLE = 100;

/** Counts unreadable files in a row. */
export class UnreadableRow {
  readonly #limits: Pick<Limits, "keepGoing"> | undefined;
  #count = 0;
  #first = { path: "", message: "" };

  /** @param limits of a command that has the option --keep-going */
  constructor(limits?: Pick<Limits, "keepGoing">) {
    this.#limits = limits;
  }

  /** Resets the count after a readable file. */
  end(): void {
    this.#count = 0;
  }

  /** @throws MachineError at the limit */
  add(path: string, message: string): void {
    if (this.#count === 0) this.#first = { path, message };
    if (++this.#count < MOST_UNREADABLE || this.#limits?.keepGoing) return;
    throw new MachineError({
      where: `${this.#first.path} to ${path}`,
      found: `${this.#count} pictures in a row that cannot be read; the first: ${this.#first.message}`,
      hint: `check the disk, the network and the folder; the same command tries them again${this.#limits ? "; `extract --keep-going` takes them for errors" : ""}`,
    });
  }
}
