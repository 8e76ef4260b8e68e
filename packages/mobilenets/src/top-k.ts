/** The `k` largest of `values`, largest first; equal values keep their order. */
export function topK(values: Float32Array, k: number): { index: number; value: number }[] {
  return Array.from(values, (value, index) => ({ index, value }))
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, k);
}
