import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestTimer } from "./request-timer.ts";

/** Asks a busy server again. */

const MOST_TRIES = 3;
/** Milliseconds before the second try, unless the server says when. Each later wait is four times as long. */
const FIRST_WAIT = 500;
/** Most milliseconds to wait for a server that says when. */
const MOST_WAIT = 30_000;
/** Too many requests, and proxies without an answer from behind. */
export const BUSY: readonly unknown[] = [429, 502, 503, 504];
/** A connection that broke, and a name server without an answer. */
const LOST: readonly unknown[] = ["ECONNRESET", "EPIPE", "EAI_AGAIN"];

/**
 * Sends a request up to three times, while the answer is that of a busy server. The timer's limit counts for all tries.
 * @returns the last answer, which may be that of a busy server
 */
export async function tryAgain(send: () => Promise<IncomingMessage>, timer: RequestTimer): Promise<IncomingMessage> {
  for (let tries = 1; ; tries++) {
    let wait = FIRST_WAIT * 4 ** (tries - 1);
    try {
      const response = await send();
      wait = askedWait(response.headers) ?? wait;
      if (!BUSY.includes(response.statusCode) || tries === MOST_TRIES || wait > MOST_WAIT) return response;
      response.destroy();
    } catch (error) {
      if (!LOST.includes((error as NodeJS.ErrnoException).code) || tries === MOST_TRIES) throw error;
    }
    timer.pause();
    await sleep(wait, undefined, { signal: timer.signal });
    timer.moved();
  }
}

/** Milliseconds by the header Retry-After (RFC 9110, 10.2.3): a number of seconds, or a date. */
function askedWait({ "retry-after": text }: IncomingHttpHeaders): number | undefined {
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
