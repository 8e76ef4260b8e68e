import { diagnostic } from "../output.ts";

/** 128 + SIGINT, the shells' convention. */
export const EXIT_INTERRUPTED = 130;

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs `work` with a signal that Ctrl-C or SIGTERM aborts. A second signal ends the process at once.
 * @param stopping message on the first signal
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  stopping = "finishing the batch under way",
): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    // The message starts below the progress line.
    diagnostic("");
    diagnostic(`${stopping}; once more stops at once`);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
