/** Blocks from an eighth of a cell to seven eighths; a whole one is `█`. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar for a share of a whole, `cells` wide at 1 and padded to that width. What is no share, as a logit, has none. */
export function bar(share: number, cells: number): string {
  const eighths = share >= 0 && share <= 1 ? Math.round(share * cells * 8) : 0;
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`.padEnd(cells);
}
