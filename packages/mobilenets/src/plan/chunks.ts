/** Vector operations worth a trip to the counter that hands out chunks: some microseconds. */
const GRAIN = 25_000;
/** Chunks per thread in a large step, so that a thread which is held up holds up little. */
const PER_THREAD = 4;

/** A step, and a run of several pictures, has at most so many: a bit each in half a word. */
export const MAX_CHUNKS = 16;

/** Into how many chunks a step of so much work is cut. A large step's chunks can be dealt out evenly. */
export function chunksFor(work: number, threads: number): number {
  if (threads === 1) return 1;
  const chunks = Math.max(1, Math.min(PER_THREAD * threads, MAX_CHUNKS, Math.ceil(work / GRAIN)));
  return chunks > threads ? chunks - (chunks % threads) : chunks;
}
