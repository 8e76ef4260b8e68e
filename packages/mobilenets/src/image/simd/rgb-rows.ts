import type { Picture } from "../picture.ts";
import type { PictureMemory } from "./memory.ts";

/** Bytes past a row that kernels read or write. */
export const ROW_MARGIN = 32;

/** Size in bytes of the areas `raw` and `rgb` for rows of `columns` pixels. */
export const rowBytes = (columns: number, channels: number) => columns * channels + ROW_MARGIN;

/**
 * Copies pixels of a row as RGB to `rgb`; RGBA passes through `raw`.
 * @returns false for grey rows, and for rows with transparent pixels
 */
export function copyRgb(
  { kernels, bytes }: { kernels: PictureMemory["kernels"]; bytes: Uint8Array },
  picture: Picture,
  pixel: number,
  columns: number,
  at: { readonly raw: number; readonly rgb: number },
): boolean {
  const { data, channels } = picture;
  if (channels === 1) return false;
  const from = data.subarray(pixel * channels, (pixel + columns) * channels);
  bytes.set(from, channels === 3 ? at.rgb : at.raw);
  return channels === 3 || kernels.opaque(at.raw, columns, at.rgb) === 1;
}
