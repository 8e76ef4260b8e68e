/** Held-out share of each class's photographs. */
const SHARE = 0.25;
/** Classes with fewer photographs hold out none. */
const FEWEST = 3;

/**
 * The held-out groups of a class: those whose names have the lowest checksums, so that the order of arrival does not
 * matter. Pictures of one group are never on both sides.
 */
export function heldOutOf(groups: Iterable<string>): ReadonlySet<string> {
  const all = [...new Set(groups)];
  if (all.length < FEWEST) return new Set();
  const sorted = all.toSorted((a, b) => checksum(a) - checksum(b) || (a < b ? -1 : 1));
  return new Set(sorted.slice(0, Math.max(1, Math.round(SHARE * all.length))));
}

/** FNV-1a over UTF-16 units, then mixed (MurmurHash3's finaliser), because FNV gives similar names similar values. */
function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
