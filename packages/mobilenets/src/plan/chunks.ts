/** Vector operations that are worth an access to the counter of chunks, which takes some microseconds. */
const GRAIN = 25_000;
/** Chunks per thread in a large step. With several, a thread that is held up delays only a small part. */
const PER_THREAD = 4;

/** The most chunks that a step has, or pictures that a run has: each is a bit in half a word. */
export const MAX_CHUNKS = 16;

/** The number of chunks of a step with so much work. A large step's chunks are a multiple of the threads. */
export function chunksFor(work: number, threads: number): number {
  if (threads === 1) return 1;
  const chunks = Math.max(1, Math.min(PER_THREAD * threads, MAX_CHUNKS, Math.ceil(work / GRAIN)));
  return chunks > threads ? chunks - (chunks % threads) : chunks;
}
