/** Vector operations per chunk that justify an access to the chunk counter, which takes some microseconds. */
const GRAIN = 25_000;
/** Chunks per thread in a large step. With several, a delayed thread holds up only a small part. */
const PER_THREAD = 4;

/** Most chunks of a step, or pictures of a run: each is a bit in half a word. */
export const MAX_CHUNKS = 16;

/** The number of chunks of a step with this work. A large step's chunks are a multiple of the threads. */
export function chunksFor(work: number, threads: number): number {
  if (threads === 1) return 1;
  const chunks = Math.max(1, Math.min(PER_THREAD * threads, MAX_CHUNKS, Math.ceil(work / GRAIN)));
  return chunks > threads ? chunks - (chunks % threads) : chunks;
}
