/** At most three existing names near an unknown one, as an error's hint; undefined if none is near. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const wanted = fold(name);
  const near = known
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, fold(candidate)) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3);
  return near.length > 0 ? `did you mean ${near.map(({ candidate }) => candidate).join(" or ")}?` : undefined;
}

/** A longer text is no misspelt name, and its edit distance would take long. */
const MAX_LENGTH = 64;

/** `MobileNet-V2` and `mobilenet_v2` are spellings of one name. */
const fold = (name: string) =>
  name
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");

/** Infinity for unrelated names. */
function distanceOf(wanted: string, known: string): number {
  if (wanted === "") return Infinity;
  // Part of a name: `conv_pw_5` of `conv_pw_5_relu`.
  if (known.includes(wanted) || wanted.includes(known)) return Math.abs(known.length - wanted.length) / 8;
  const edits = editDistance(wanted, known);
  return edits <= Math.max(1, Math.floor(wanted.length / 4)) ? edits : Infinity;
}

/** Counts the insertions, deletions, replacements and swaps that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(last[j] + 1, row[j - 1] + 1, replaced, swaps ? beforeLast[j - 2] + 1 : Infinity));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
