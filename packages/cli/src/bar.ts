/** Blocks from one to seven eighths of a cell. A whole cell is `█`. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar for a share, `cells` wide at 1, padded to that width. A number outside 0 to 1, such as a logit, has no bar. */
export function bar(share: number, cells: number): string {
  const eighths = share >= 0 && share <= 1 ? Math.round(share * cells * 8) : 0;
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`.padEnd(cells);
}
