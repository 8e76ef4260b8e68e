import type { ColorJitter } from "./augmentation.ts";
import { type Next, uniform } from "./crops.ts";

/** Factors of brightness, contrast and saturation: 1 changes nothing. */
export interface JitterFactors {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

export function randomFactors({ brightness, contrast, saturation }: ColorJitter, next: Next): JitterFactors {
  const factor = (x = 0) => uniform([Math.max(0, 1 - x), 1 + x], next);
  return { brightness: factor(brightness), contrast: factor(contrast), saturation: factor(saturation) };
}

/**
 * Changes `size` samples 0..255 of 1 or 3 interleaved channels in place. Brightness multiplies; contrast scales the
 * distance to the picture's mean luma, saturation the distance to the pixel's own luma. The result is clamped to 0..255.
 */
export function jitter(samples: Float32Array, size: number, channels: 1 | 3, factors: JitterFactors): void {
  const { brightness, contrast, saturation } = factors;
  const gain = brightness * contrast;
  const offset = contrast === 1 ? 0 : (1 - contrast) * brightness * meanLuma(samples, size, channels);
  if (channels === 1) {
    for (let i = 0; i < size; i++) samples[i] = cut(samples[i]! * gain + offset);
    return;
  }
  for (let i = 0; i < size; i += 3) {
    const red = samples[i]! * gain + offset;
    const green = samples[i + 1]! * gain + offset;
    const blue = samples[i + 2]! * gain + offset;
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    const rest = (1 - saturation) * luma;
    samples[i] = cut(saturation * red + rest);
    samples[i + 1] = cut(saturation * green + rest);
    samples[i + 2] = cut(saturation * blue + rest);
  }
}

function meanLuma(samples: Float32Array, size: number, channels: 1 | 3): number {
  if (channels === 1) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += samples[i]!;
    return sum / size;
  }
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let i = 0; i < size; i += 3) {
    red += samples[i]!;
    green += samples[i + 1]!;
    blue += samples[i + 2]!;
  }
  return (0.299 * red + 0.587 * green + 0.114 * blue) / (size / 3);
}

function cut(sample: number): number {
  return Math.min(255, Math.max(0, sample));
}
