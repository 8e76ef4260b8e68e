import { once } from "node:events";

/** A line of results. Waits while the reader is slower than we are, so that nothing piles up in memory. */
export async function result(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** A line for the person at the terminal. */
export function diagnostic(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * `mobilenets ... | head` closes our stdout early: that is the reader's right, not an error. Without anybody at stderr
 * the work goes on.
 */
export function stopOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  process.stderr.on("error", () => {});
}
