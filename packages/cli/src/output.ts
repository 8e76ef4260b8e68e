import { once } from "node:events";
import { printable, printableOutput } from "./printable.ts";
import { colors } from "./terminal.ts";

/** Writes one or several lines of results. Waits for a slow reader, so output does not fill the memory. */
export async function result(line: string): Promise<void> {
  if (!process.stdout.write(`${printableOutput(line)}\n`)) await once(process.stdout, "drain");
}

/** Writes one line for people, with unprintable characters escaped. "error" and "warning" can have colours. */
export function diagnostic(line: string): void {
  const { red, yellow } = colors("stderr");
  const marked = printable(line).replace(/^(error|warning):/, (word) => (word === "error:" ? red(word) : yellow(word)));
  process.stderr.write(`${marked}\n`);
}

/**
 * Ends the process without an error when the reader closes stdout, as in `mobilenets ... | head`. A closed stderr does
 * not stop the work.
 */
export function stopOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    // The disk of a redirection may be full.
    process.stderr.write(`error: standard output: cannot be written (${error.message})\n`);
    process.exit(1);
  });
  process.stderr.on("error", () => {});
}
