/**
 * Reads class names, one per line. Numbers before the names are removed if they count from 0 (`0 Cat`, `0: Cat`, `0,Cat`,
 * a tab).
 */
export function labelLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === "") lines.pop();
  const named = lines.map((line, i) => /^(\d+)(?:[\s:,;)])\s*(.+)$/.exec(line) ?? [line, String(i), line]);
  const counted = named.every(([line, number, name], i) => line !== name && Number(number) === i);
  return counted ? named.map(([, , name]) => name) : lines;
}
