import { CHROMA_SIDE, SIDE } from "./signature.ts";

/** Descriptors of pictures: vectors that are similar for copies, and easy to turn. */

/** Frequencies of the cosine transform per direction. */
const FREQUENCIES = 7;
/** Numbers per descriptor: all pairs of frequencies except the mean. */
export const DESCRIPTOR_LENGTH = FREQUENCIES * FREQUENCIES - 1;

/** One of the eight orientations of a picture: mirrored in x, mirrored in y, then transposed. */
export interface Turn {
  readonly mirrorX: boolean;
  readonly mirrorY: boolean;
  readonly transpose: boolean;
}

export const UPRIGHT: Turn = { mirrorX: false, mirrorY: false, transpose: false };

/** The orientations that the command's flags ask for, upright first. */
export function turnsOf(rotations: boolean, mirrors: boolean): Turn[] {
  const all = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
    mirrorX: (bits & 1) > 0,
    mirrorY: (bits & 2) > 0,
    transpose: (bits & 4) > 0,
  }));
  // A rotation is an even number of reflections, and transposing is one reflection.
  const isRotation = ({ mirrorX, mirrorY, transpose }: Turn) =>
    [mirrorX, mirrorY, transpose].filter(Boolean).length % 2 === 0;
  const isMirror = ({ mirrorX, mirrorY, transpose }: Turn) => !transpose && mirrorX !== mirrorY;
  return all.filter(
    (turn) =>
      turn === all[0] || (rotations && isRotation(turn)) || (mirrors && isMirror(turn)) || (rotations && mirrors),
  );
}

/** `cosines[u][x]`: cos((2 x + 1) u pi / (2 SIDE)), the basis of the cosine transform of type II. */
const cosines = Array.from({ length: FREQUENCIES }, (_, u) =>
  Float64Array.from({ length: SIDE }, (__, x) => Math.cos(((2 * x + 1) * u * Math.PI) / (2 * SIDE))),
);

/**
 * Computes the low frequencies of a small grey copy, as `[v][u]` without the mean. Each is multiplied by its frequency:
 * amplitudes in photographs fall about as 1 / frequency, so all count alike. Brightness and contrast do not change the
 * vector's direction.
 */
export function describe(grey: Uint8Array): Float32Array {
  const rows = new Float64Array(SIDE * FREQUENCIES);
  for (let y = 0; y < SIDE; y++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += grey[y * SIDE + x] * cosines[u][x];
      rows[y * FREQUENCIES + u] = sum;
    }
  }
  const descriptor = new Float32Array(DESCRIPTOR_LENGTH);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      if (u + v === 0) continue;
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += rows[y * FREQUENCIES + u] * cosines[v][y];
      // A frequency of 0 has twice the energy for the same amplitude.
      const weight = Math.hypot(u, v) * (u === 0 || v === 0 ? Math.SQRT1_2 : 1);
      descriptor[v * FREQUENCIES + u - 1] = sum * weight;
    }
  }
  return descriptor;
}

/** The descriptor of the turned picture. A mirrored axis changes the sign of odd frequencies. */
export function turnDescriptor(descriptor: Float32Array, { mirrorX, mirrorY, transpose }: Turn): Float32Array {
  const turned = new Float32Array(DESCRIPTOR_LENGTH);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      if (u + v === 0) continue;
      const negative = (mirrorX && u % 2 === 1) !== (mirrorY && v % 2 === 1);
      const value = descriptor[v * FREQUENCIES + u - 1];
      const to = transpose ? u * FREQUENCIES + v : v * FREQUENCIES + u;
      turned[to - 1] = negative ? -value : value;
    }
  }
  return turned;
}

/** The grey copy of the turned picture. */
export function turnGrey(grey: Uint8Array, turn: Turn): Uint8Array {
  const to = placesOf(SIDE, turn);
  const turned = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < turned.length; i++) turned[to[i]] = grey[i];
  return turned;
}

/** The colours of the turned picture. */
export function turnChroma(chroma: Int16Array, turn: Turn): Int16Array {
  const to = placesOf(CHROMA_SIDE, turn);
  const turned = new Int16Array(chroma.length);
  for (let i = 0; i < chroma.length; i++) turned[2 * to[i >> 1] + (i & 1)] = chroma[i];
  return turned;
}

/** The bits of the turned picture, one per pixel. */
export function turnBits(bits: Uint32Array, turn: Turn): Uint32Array {
  const to = placesOf(SIDE, turn);
  const turned = new Uint32Array(bits.length);
  for (let i = 0; i < SIDE * SIDE; i++) {
    if (((bits[i >> 5] >>> (i & 31)) & 1) === 1) turned[to[i] >> 5] |= 1 << (to[i] & 31);
  }
  return turned;
}

const known = new Map<string, Uint16Array>();

/** The places of a square's pixels after turning. */
function placesOf(side: number, turn: Turn): Uint16Array {
  const key = `${side} ${turn.mirrorX} ${turn.mirrorY} ${turn.transpose}`;
  const places = known.get(key) ?? Uint16Array.from({ length: side * side }, (_, i) => turnedPlace(i, side, turn));
  known.set(key, places);
  return places;
}

/** The place of a pixel of a square after turning. */
function turnedPlace(i: number, side: number, { mirrorX, mirrorY, transpose }: Turn): number {
  const [x, y] = [i % side, Math.floor(i / side)];
  // The order is that of `turnDescriptor`: mirrored first, then transposed.
  const [u, v] = [mirrorX ? side - 1 - x : x, mirrorY ? side - 1 - y : y];
  return transpose ? u * side + v : v * side + u;
}
