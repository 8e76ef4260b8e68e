import { ReadError } from "mobilenets";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { ITEMS } from "../extract/store.ts";
import { diagnostic } from "../output.ts";
import { printable } from "../printable.ts";
import { Interrupted } from "./search-progress.ts";

/** A folder that `extract` wrote, open. */
interface OpenFolder {
  readonly paths: ArrayLike<unknown>;
  close(): Promise<void>;
}

/**
 * Does something with a folder that `extract` wrote until the user stops it, and closes the folder.
 * @param dir as the user named it
 * @param check what is looked at before the work begins
 * @throws ReadError for a folder in which no picture has features
 */
export async function withFolder<F extends OpenFolder>(
  dir: string,
  folder: F,
  check: (folder: F) => Promise<void> | void,
  use: (folder: F, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  try {
    if (folder.paths.length === 0) {
      const hint = `${ITEMS} says what is wrong with each`;
      throw new ReadError({ where: printable(dir), found: "no picture with features", hint });
    }
    await check(folder);
    await untilInterrupted((signal) => use(folder, signal));
  } finally {
    await folder.close();
  }
}

/** Does something until it is done or the user stops it; then the exit code says so, and a line how far it came. */
export async function untilInterrupted(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  try {
    await interruptible(run, "stopping");
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    diagnostic(error.message);
    process.exitCode = EXIT_INTERRUPTED;
  }
}
