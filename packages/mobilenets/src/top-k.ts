/** The `k` largest of `values`, largest first; equal values keep their order. */
export function topK(values: Float32Array, k: number): { index: number; value: number }[] {
  // Numbers alone are sorted fast; objects are made of those that may be among the largest.
  const least = values.slice().sort()[Math.max(0, values.length - k)];
  const among: { index: number; value: number }[] = [];
  values.forEach((value, index) => {
    if (!(value < least)) among.push({ index, value });
  });
  return among.sort((a, b) => b.value - a.value || a.index - b.index).slice(0, k);
}
