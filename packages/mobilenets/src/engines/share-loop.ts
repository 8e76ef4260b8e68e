import { yieldToHost } from "#worker";

/** Milliseconds of work after which the host may handle events: a frame of a page at 60 Hz. */
const PATIENCE = 16;

/** When work in the present turn of the event loop began, as far as is known. */
let since: number | undefined;

/**
 * Lets the host handle events if it has not for a while. Awaited results settle before any timer: without this,
 * thousands of calls in a row would keep timers, input and aborts waiting until the last. The time counts since the
 * loop last turned, across calls. A single call waits for nothing.
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
