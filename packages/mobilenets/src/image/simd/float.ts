import { GRAIN, NORMALISATION_BYTES, WIDE_PIXEL } from "../../kernels/pictures/layout.ts";
import { roundUp } from "../../round-up.ts";
import { readPixels } from "../channels.ts";
import type { Normalisation } from "../normalise.ts";
import type { Picture } from "../picture.ts";
import type { FloatResampling } from "../resampling.ts";
import type { Target } from "../resize.ts";
import type { PictureMemory } from "./memory.ts";
import { copyRgb, rowBytes } from "./rgb-rows.ts";

/** `resample` of `resize.ts` with kernels. @returns false if it needs more memory than the kernels may have */
export function resizeFloat(
  memory: PictureMemory,
  picture: Picture,
  { across, down, bytes }: FloatResampling,
  target: Target,
  normalisation?: Normalisation,
): boolean {
  const { kernels } = memory;
  const { width, height } = target;
  const first = across.starts[0]!;
  const reach = across.starts[width - 1]! + across.taps - first;
  const columns = Math.min(first + reach, picture.width) - first;
  const { taps } = down;
  const samples = width * 3;
  // One more sample than the row has, because `across` writes one past the end.
  const stride = roundUp(samples + 1, GRAIN) * Float32Array.BYTES_PER_ELEMENT;
  const at = memory.layOut({
    norm: NORMALISATION_BYTES,
    starts: width * Int32Array.BYTES_PER_ELEMENT,
    across: across.weights.byteLength,
    down: down.weights.byteLength,
    out: stride,
    raw: rowBytes(columns, 4),
    rgb: rowBytes(columns, 3),
    // `widen` writes up to 7 numbers past the end.
    row: reach * WIDE_PIXEL + 64,
    ring: taps * stride,
  });
  if (!at) return false;
  memory.writeNormalisation(at.norm, normalisation);
  const starts = memory.integers(at.starts, width);
  for (let x = 0; x < width; x++) starts[x] = (across.starts[x]! - first) * WIDE_PIXEL;
  memory.doubles(at.across, across.weights.length).set(across.weights);
  memory.doubles(at.down, down.weights.length).set(down.weights);
  const row = memory.doubles(at.row, reach * 3);
  const out = memory.floats(at.out, samples);
  const buffers = { kernels, bytes: memory.bytes(0, at.row) };
  // Taps beyond the picture have weight 0, but must read finite numbers.
  if (reach > columns) row.fill(0);
  if (taps > picture.height) memory.bytes(at.ring, taps * stride).fill(0);

  const end = at.ring + taps * stride;
  let next = down.starts[0]!;
  for (let y = 0; y < height; y++) {
    const start = down.starts[y]!;
    const last = Math.min(start + taps, picture.height);
    for (next = Math.max(next, start); next < last; next++) {
      const pixel = next * picture.width + first;
      if (copyRgb(buffers, picture, pixel, columns, at)) kernels.widen(at.rgb, columns * 3, at.row);
      else readPixels(picture, pixel, columns, 3, row);
      const slot = at.ring + (next % taps) * stride;
      kernels.across(at.row, at.starts, at.across, across.taps, width, slot);
    }
    const weights = at.down + y * taps * Float64Array.BYTES_PER_ELEMENT;
    const ring = [at.ring + (start % taps) * stride, stride, end, taps * stride] as const;
    kernels.down(...ring, weights, taps, samples, bytes ? 1 : 0, at.norm, at.out);
    target.data.set(out, target.offset + y * target.rowStride);
  }
  return true;
}
