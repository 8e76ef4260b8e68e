import {
  ACROSS_TAPS,
  DOWN_GRAIN,
  DOWN_TAPS,
  GRAIN,
  NORMALISATION_BYTES,
  SPLIT,
} from "../../kernels/pictures/layout.ts";
import { roundUp } from "../../round-up.ts";
import type { FixedSpans } from "../fixed-point.ts";
import type { Normalisation } from "../normalise.ts";
import type { Picture } from "../picture.ts";
import type { FixedResampling } from "../resampling.ts";
import type { Target } from "../resize.ts";
import { sampleRows } from "../sample-rows.ts";
import type { PictureMemory } from "./memory.ts";
import { copyRgb, ROW_MARGIN, rowBytes } from "./rgb-rows.ts";

/** The weights of spans in the kernels' layout: the same number of turns for each output. */
interface Turns {
  readonly turns: number;
  /** Pairs of low halves, then of high halves. */
  readonly weights: Int16Array;
}

/** Converted weights of each spans object, by taps per turn. Spans of recent sizes are cached too. */
const converted = new WeakMap<FixedSpans, Map<number, Turns>>();

function turnsOf(spans: FixedSpans, tapsOfTurn: number): Turns {
  const known = converted.get(spans) ?? new Map<number, Turns>();
  converted.set(spans, known);
  let found = known.get(tapsOfTurn);
  if (!found) {
    found = convert(spans, tapsOfTurn);
    known.set(tapsOfTurn, found);
  }
  return found;
}

function convert({ counts, taps, weights: from }: FixedSpans, tapsOfTurn: number): Turns {
  const turns = Math.ceil(counts.reduce((most, count) => Math.max(most, count), 1) / tapsOfTurn);
  const length = turns * tapsOfTurn;
  const weights = new Int16Array(counts.length * length * 2);
  for (let i = 0; i < counts.length; i++) {
    for (let k = 0; k < counts[i]!; k++) {
      const weight = from[i * taps + k]!;
      const at = 2 * (i * length + (k & ~1)) + (k & 1);
      weights[at] = weight & (2 ** SPLIT - 1);
      weights[at + 2] = weight >> SPLIT;
    }
  }
  return { turns, weights };
}

/** `resizeFixed` of `fixed-point.ts` with kernels. @returns false if it needs more memory than the kernels may have */
export function resizeFixed(
  memory: PictureMemory,
  picture: Picture,
  { columns, rows, rowsFirst }: FixedResampling,
  target: Target,
  normalisation?: Normalisation,
): boolean {
  const { kernels } = memory;
  const { width, height } = target;
  const across = turnsOf(columns, ACROSS_TAPS);
  const down = turnsOf(rows, DOWN_TAPS);
  const first = columns.starts[0]!;
  const pixels = columns.starts[width - 1]! + columns.counts[width - 1]! - first;
  // Taps beyond the last pixel have weight 0.
  const margin = 3 * ACROSS_TAPS * across.turns + ROW_MARGIN;
  // The ring holds rows of the picture, or horizontally filtered rows, which have one more byte.
  const stride = roundUp(rowsFirst ? rowBytes(pixels, 3) : width * 3 + 1, DOWN_GRAIN);
  const slots = rows.taps;
  const at = memory.layOut({
    norm: NORMALISATION_BYTES,
    starts: width * Int32Array.BYTES_PER_ELEMENT,
    across: across.weights.byteLength,
    down: down.weights.byteLength,
    out: roundUp(width * 3, GRAIN) * Float32Array.BYTES_PER_ELEMENT,
    result: width * 3 + ROW_MARGIN,
    raw: rowBytes(pixels, 4),
    rgb: rowBytes(pixels, 3) + margin,
    ring: slots * stride,
  });
  if (!at) return false;
  memory.writeNormalisation(at.norm, normalisation);
  const starts = memory.integers(at.starts, width);
  for (let x = 0; x < width; x++) starts[x] = (columns.starts[x]! - first) * 3;
  const bytes = memory.bytes(0, at.ring + slots * stride);
  bytes.set(new Uint8Array(across.weights.buffer), at.across);
  bytes.set(new Uint8Array(down.weights.buffer), at.down);
  const out = memory.floats(at.out, width * 3);
  const converter = picture.channels === 3 ? undefined : sampleRows(picture, 3);

  /** Copies row `y` as RGB to `rgb`. */
  const fetch = (y: number) => {
    if (copyRgb({ kernels, bytes }, picture, y * picture.width + first, pixels, at)) return;
    const from = converter!.at(y) + first * 3;
    bytes.set(converter!.data.subarray(from, from + pixels * 3), at.rgb);
  };
  const filter = (row: number, to: number) =>
    kernels["fixed-across"](row, at.starts, at.across, across.turns, width, to);
  const turnBytes = down.turns * DOWN_TAPS * 2 * Int16Array.BYTES_PER_ELEMENT;
  const weigh = (y: number, to: number) => {
    const ring = [
      at.ring + (rows.starts[y]! % slots) * stride,
      stride,
      at.ring + slots * stride,
      slots * stride,
    ] as const;
    const count = rowsFirst ? pixels * 3 : width * 3;
    kernels["fixed-down"](...ring, at.down + y * turnBytes, down.turns, count, to);
  };

  let next = rows.starts[0]!;
  for (let y = 0; y < height; y++) {
    const start = rows.starts[y]!;
    const end = start + rows.counts[y]!;
    for (next = Math.max(next, start); next < end; next++) {
      fetch(next);
      const slot = at.ring + (next % slots) * stride;
      if (rowsFirst) bytes.copyWithin(slot, at.rgb, at.rgb + pixels * 3);
      else filter(at.rgb, slot);
    }
    if (rowsFirst) {
      weigh(y, at.rgb);
      filter(at.rgb, at.result);
    } else weigh(y, at.result);
    kernels.normalise(at.result, width * 3, at.norm, at.out);
    target.data.set(out, target.offset + y * target.rowStride);
  }
  return true;
}
