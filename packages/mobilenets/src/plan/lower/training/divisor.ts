/** The largest divisor of `n` that is at most `limit`. */
export function largestDivisor(n: number, limit: number): number {
  for (let d = Math.min(n, Math.floor(limit)); d > 1; d--) if (n % d === 0) return d;
  return 1;
}
