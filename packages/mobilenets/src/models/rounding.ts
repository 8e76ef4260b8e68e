/**
 * Rounds a scaled channel count to a multiple of `divisor` that is at most 10 % below it (`_make_divisible` of the
 * authors' slim code, also in keras.applications and torchvision).
 */
export function makeDivisible(channels: number, divisor = 8): number {
  const rounded = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}
