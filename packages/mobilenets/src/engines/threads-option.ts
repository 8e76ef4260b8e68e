import { canShare, parallelism } from "#worker";
import { OptionError } from "../errors.ts";
import { show } from "../show.ts";

/** More threads than this gain little on maps of 7x7 pixels. */
const AUTO_THREADS = 4;

/** Each thread costs a worker and a part of linear memory; no network gains from more. */
const MOST_THREADS = 64;

/** @throws OptionError for an invalid number */
export function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  const expected = `"auto" or an integer from 1 to ${MOST_THREADS}`;
  throw new OptionError({ where: "threads", found: show(threads), expected });
}

/** The number of threads that an option gives on this host. @throws OptionError for an invalid number */
export function threadsFor(threads: "auto" | number): number {
  if (threads === "auto") return canShare() ? Math.min(AUTO_THREADS, parallelism()) : 1;
  checkThreads(threads);
  if (threads > 1 && !canShare()) {
    throw new OptionError({
      where: "threads",
      found: `${threads} on a page that is not cross-origin isolated`,
      expected: '1 or "auto"',
      hint: "serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    });
  }
  return threads;
}
