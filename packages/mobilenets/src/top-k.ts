/** The `k` largest of `values`, largest first; equal values keep their order. */
export function topK(values: Float32Array, k: number): { index: number; value: number }[] {
  // Sorting plain numbers is fast; only candidates become objects.
  const least = values.slice().sort()[Math.max(0, values.length - k)];
  const among: { index: number; value: number }[] = [];
  values.forEach((value, index) => {
    if (!(value < least)) among.push({ index, value });
  });
  return among.sort((a, b) => b.value - a.value || a.index - b.index).slice(0, k);
}
