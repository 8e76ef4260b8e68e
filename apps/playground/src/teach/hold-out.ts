/** The share of each class's photographs that the network does not learn from. */
const SHARE = 0.25;
/** With fewer, all are learnt from. */
const FEWEST = 3;

/**
 * Which groups of a class are held out: those whose names have the lowest checksums, so that the choice has nothing to
 * do with the order in which they came. Pictures of one group are never on both sides.
 */
export function heldOutOf(groups: Iterable<string>): ReadonlySet<string> {
  const all = [...new Set(groups)];
  if (all.length < FEWEST) return new Set();
  const sorted = all.toSorted((a, b) => checksum(a) - checksum(b) || (a < b ? -1 : 1));
  return new Set(sorted.slice(0, Math.max(1, Math.round(SHARE * all.length))));
}

/** FNV-1a over UTF-16 units, then mixed (MurmurHash3's finaliser), as names that differ in one letter lie near each other. */
function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
