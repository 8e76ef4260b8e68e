import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import { imageOf, type MapLayout, originOf, pitchOf, pixelsOf, stepOf } from "./layout.ts";

/** A buffer of the arena before it has an address. */
export interface Buffer extends MapLayout {
  readonly id: number;
  /** Bytes from the start of the memory it owns; more than 0 for a part of another buffer. */
  readonly offset: number;
}

/** A symbolic address, resolved after buffers and constants are placed. */
export type Address = { readonly buffer: number; readonly plus: number } | { readonly constant: number };

/** The address of pixel (-top, -left), where a window with this padding begins. */
export function pixel(b: Buffer, { top, left }: ExplicitPadding = noPadding): Address {
  return { buffer: b.id, plus: b.offset + originOf(b) - top * pitchOf(b) - left * stepOf(b) };
}

/** One picture of a buffer, as a buffer. */
export function imageAt(b: Buffer, i: number): Buffer {
  return { ...b, images: 1, offset: b.offset + i * imageOf(b) };
}

/** Number of elements of a map, including padding channels. */
export function countOf(m: MapLayout): number {
  return pixelsOf(m) * m.cs;
}
