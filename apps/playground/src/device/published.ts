/** Our times in Chromium 156 from docs/benchmarks.md: milliseconds per picture on one thread and on two. */
export const published: Readonly<Record<string, readonly [one: number, two: number]>> = {
  mobilenet_v1: [29.4, 16.5],
  mobilenet_v2: [15.5, 9.45],
  mobilenet_v3_small: [4.14, 2.62],
  mobilenet_v3_large: [13.6, 8.16],
};
