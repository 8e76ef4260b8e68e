/** The median of at least one number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** The median of `values[i] / base[i]`, for pairs measured directly after each other. */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, i) => value / base[i]));
}
