import { ReadError } from "mobilenets";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { ITEMS } from "../extract/store.ts";
import { diagnostic } from "../output.ts";
import { printable } from "../printable.ts";
import { Interrupted } from "./search-progress.ts";

/** An open folder of `extract`. */
interface OpenFolder {
  readonly paths: ArrayLike<unknown>;
  close(): Promise<void>;
}

/**
 * Works with a folder of `extract` until done or stopped by the user, and closes the folder.
 * @param dir as named by the user
 * @param check called before the work begins
 * @throws ReadError for a folder without features
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

/** Works until done or stopped by the user. A stop sets the exit code, and prints the progress. */
export async function untilInterrupted(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  try {
    await interruptible(run, "stopping");
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    diagnostic(error.message);
    process.exitCode = EXIT_INTERRUPTED;
  }
}
