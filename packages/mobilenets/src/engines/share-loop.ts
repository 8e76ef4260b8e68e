import { yieldToHost } from "#worker";

/** Milliseconds of work after which the host may handle events: one frame at 60 Hz. */
const PATIENCE = 16;

/** Start of the work in the current turn of the event loop, as far as is known. */
let since: number | undefined;

/**
 * Lets the host handle events if it has not for a while. Promises settle before any timer: without this, thousands of
 * calls in a row would delay timers, input and aborts until the last. The time counts across calls, since the event loop
 * last turned. A single call does not wait.
 */
export async function shareLoop(): Promise<void> {
  const now = performance.now();
  if (since === undefined) {
    since = now;
    yieldToHost().then(() => {
      since = undefined;
    });
  } else if (now - since > PATIENCE) {
    await yieldToHost();
  }
}
