import { once } from "node:events";
import { colors } from "./terminal.ts";

/** A line of results. Waits while the reader is slower than we are, so that nothing piles up in memory. */
export async function result(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** A line for the person at the terminal. There, the word that says how bad it is has a colour. */
export function diagnostic(line: string): void {
  const { red, yellow } = colors("stderr");
  const marked = line.replace(/^(error|warning):/, (word) => (word === "error:" ? red(word) : yellow(word)));
  process.stderr.write(`${marked}\n`);
}

/**
 * `mobilenets ... | head` closes our stdout early: that is the reader's right, not an error. Without anybody at stderr
 * the work goes on.
 */
export function stopOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    // A full disk behind a redirection.
    process.stderr.write(`error: standard output: cannot be written (${error.message})\n`);
    process.exit(1);
  });
  process.stderr.on("error", () => {});
}
