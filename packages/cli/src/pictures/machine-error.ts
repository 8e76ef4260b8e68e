import { MobileNetsError } from "mobilenets";
import { isMachineFailure } from "mobilenets/store";

/** The machine failed, not the picture. The job ends, and the next one tries the rest. */
export class MachineError extends MobileNetsError {
  override get name(): string {
    return "MachineError";
  }
}

/** @throws MachineError if `error` says that the machine failed: no open files or memory left, a disk that fails */
export function throwMachineFailure(path: string, error: unknown): void {
  if (!isMachineFailure(error)) return;
  const hint = "the same command goes on when the machine can again";
  const found = `this machine failed (${(error as Error).message})`;
  throw new MachineError({ where: path, found, hint }, { cause: error });
}

/** So many files in a row that cannot be read are a disk that is gone, a network that is down, or a wrong folder. */
const MOST_UNREADABLE = 100;

/** Counts files that cannot be read, one after the other. */
export class UnreadableRow {
  #count = 0;
  #first = { path: "", message: "" };

  /** A file that could be read. */
  end(): void {
    this.#count = 0;
  }

  /** @throws MachineError for one too many */
  add(path: string, message: string): void {
    if (this.#count === 0) this.#first = { path, message };
    if (++this.#count < MOST_UNREADABLE) return;
    throw new MachineError({
      where: `${this.#first.path} to ${path}`,
      found: `${this.#count} pictures in a row that cannot be read; the first: ${this.#first.message}`,
      hint: "is the disk still there, the host up? The same command tries them again",
    });
  }
}
