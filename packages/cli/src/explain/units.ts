/** Numbers and units as text. */

/** `36.1 %` */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** `4.25 M`, `618 k`, `39`: three digits suffice for a comparison. */
export function short(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toPrecision(3)} G`;
  if (n >= 1e6) return `${trimmed(n / 1e6)} M`;
  if (n >= 1e4) return `${trimmed(n / 1e3)} k`;
  return n.toLocaleString("en-US");
}

/** Bytes in units of 1,000: `58.0 MB`, `618 kB`. */
export function bytes(n: number): string {
  if (n >= 1e6) return `${trimmed(n / 1e6)} MB`;
  return n >= 1e3 ? `${trimmed(n / 1e3)} kB` : `${n} B`;
}

const trimmed = (n: number) => (n >= 100 ? n.toFixed(0) : n.toPrecision(3));

/** `3 x 3 x 1` */
export const product = (sizes: readonly number[]): string => sizes.join(" x ");

/** `1 block`, `13 blocks` */
export const count = (n: number, noun: string): string => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;

/** Lists names. Shortens consecutive numbers to the first and the last: `stem, block_3 to block_10`. */
export function ranges(names: readonly string[]): string {
  const runs: string[][] = [];
  for (const name of new Set(names)) {
    const run = runs.at(-1);
    if (run && follows(run[run.length - 1], name)) run.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${run[0]} to ${run[run.length - 1]}`] : run)).join(", ");
}

function follows(before: string, after: string): boolean {
  const [, stem, number] = /^(.*?)(\d+)$/.exec(before) ?? [];
  return number !== undefined && after === `${stem}${Number(number) + 1}`;
}

/** Puts non-breaking spaces into sizes and numbers with units: `3 x 3`, `5.3 MB`. */
export function unbroken(text: string): string {
  return text.replace(/ (?=x \d)|(?<=\d x) (?=\d)|(?<=\d) (?=(?:[kMG%]|kB|MB)(?![a-z]))/g, "\u00a0");
}
