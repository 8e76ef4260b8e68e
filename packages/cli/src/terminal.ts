import { Command } from "commander";
import picocolors from "picocolors";

/** A stream that text for people goes to. */
export type Stream = "stdout" | "stderr";

const { getOutHasColors, getErrHasColors } = new Command().configureOutput();

/**
 * Colours for a stream: real ones on a terminal that shows them, else functions that change nothing. The rule is
 * commander's, so that help and results agree: NO_COLOR takes them away, FORCE_COLOR brings them to pipes too.
 */
export function colors(stream: Stream): ReturnType<typeof picocolors.createColors> {
  const shown = stream === "stdout" ? getOutHasColors?.() : getErrHasColors?.();
  return picocolors.createColors(Boolean(shown));
}

/** Whether a person reads the stream, so that bars and redrawn lines make sense. */
export function isTerminal(stream: Stream): boolean {
  return process[stream].isTTY === true;
}
