/**
 * A 32-bit hash of a text, the same on every host: FNV-1a over its UTF-16 code units (for ASCII, the published function),
 * then mixed, because FNV gives similar short texts similar high bits.
 */
export function hashText(text: string, seed = 0): number {
  return mixSeeds(fnv1a(text), seed);
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** One seed from the low 32 bits of several integers; their order matters. */
export function mixSeeds(...seeds: readonly number[]): number {
  let hash = 0;
  for (const seed of seeds) hash = avalanche((Math.imul(hash, 0x9e3779b1) + seed) | 0);
  return hash >>> 0;
}

/** The last step of MurmurHash3: each bit of the input flips each bit of the result with probability 1/2. */
function avalanche(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
