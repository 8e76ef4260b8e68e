import { Command } from "commander";
import picocolors from "picocolors";

/** A stream for people. */
export type Stream = "stdout" | "stderr";

const { getOutHasColors, getErrHasColors } = new Command().configureOutput();

/**
 * Colours for a stream. On a terminal without colours, the functions change nothing. The rule is commander's, so help
 * and results agree: NO_COLOR turns colours off, FORCE_COLOR turns them on, for pipes too.
 */
export function colors(stream: Stream): ReturnType<typeof picocolors.createColors> {
  const shown = stream === "stdout" ? getOutHasColors?.() : getErrHasColors?.();
  return picocolors.createColors(Boolean(shown));
}

/** True for a terminal, where bars and redrawn lines make sense. */
export function isTerminal(stream: Stream): boolean {
  return process[stream].isTTY === true;
}
