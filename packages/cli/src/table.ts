/** Content of a table, for the terminal or a page. */
export interface Grid {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Per column: `l` words, `r` numbers. */
  readonly align: string;
}

/** Lines of aligned columns, with the header first. */
export const gridLines = ({ header, rows, align }: Grid): string[] => table([header, ...rows], align);

/**
 * Lines of aligned columns.
 * @param rows the first is the header, ruled off from the rest
 * @param align per column: `l` words, `r` numbers
 */
export function table(rows: readonly (readonly string[])[], align: string): string[] {
  const widths = [...align].map((_, column) => rows.reduce((most, row) => Math.max(most, row[column].length), 0));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (align[column] === "r" ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd();
  const [header, ...body] = rows;
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...body.map(line)];
}

/** `4,253,864` */
export function grouped(n: number): string {
  return n.toLocaleString("en-US");
}
