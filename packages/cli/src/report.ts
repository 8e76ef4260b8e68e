import { CommanderError } from "commander";
import { MobileNetsError, OptionError } from "mobilenets";
import { diagnostic } from "./output.ts";

/** Prints the error that ended the command. Returns the exit code: 1 the job failed, 2 bad usage. */
export function report(error: unknown): number {
  // Commander has already printed its message. Help and version also arrive here, with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (isExpected(error)) {
    diagnostic(`error: ${error.message}${adviceFor(error)}`);
    return error instanceof OptionError ? 2 : 1;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  for (const line of text.split("\n")) diagnostic(line);
  return 1;
}

/** What continues a command that stopped, for those that keep finished work. */
const CONTINUES: Readonly<Record<string, string>> = {
  extract: "; then the same command continues",
  index: "; then the same command continues",
  train: "; then --resume continues",
};

/** Hints for errors of the operating system, whose messages have none. */
function adviceFor(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const again = CONTINUES[process.argv[2]] ?? "";
  if (code === "ENOSPC" || code === "EDQUOT") return `: make room on the disk${again}`;
  if (code === "EROFS") return `: make the disk writable${again}`;
  const isDenied = "path" in error && (code === "EACCES" || code === "EPERM");
  return isDenied ? `: change its permissions${again}` : "";
}

/** True for our errors and the operating system's. Their message suffices, and a stack would only hide it. */
function isExpected(error: unknown): error is Error {
  return MobileNetsError.is(error) || (error instanceof Error && "syscall" in error);
}
