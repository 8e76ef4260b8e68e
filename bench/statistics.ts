/** Of at least one number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Medians of `values[i] / base[i]`: pairs measured next to each other in time. */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, i) => value / base[i]));
}
