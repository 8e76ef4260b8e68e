import { imageOf, type MapLayout, originOf, pitchOf, stepOf } from "../plan/layout.ts";
import type { Placed } from "../plan/plan.ts";

/** Copies values, densely packed `[images, height, width, channels]`, into a map; `shift` as `MemoryMap` says. */
export function writeMap(map: Placed<MapLayout>, values: Float32Array, buffer: ArrayBufferLike, shift: number): void {
  eachRun(map, buffer, shift, (run, at) => run.set(values.subarray(at, at + run.length)));
}

/** The reverse of `writeMap`. */
export function readMap(map: Placed<MapLayout>, buffer: ArrayBufferLike, values: Float32Array, shift: number): void {
  eachRun(map, buffer, shift, (run, at) => values.set(run, at));
}

/** Visits the contiguous runs of a map: rows if channels are not padded, otherwise pixels. */
function eachRun(
  map: Placed<MapLayout>,
  buffer: ArrayBufferLike,
  shift: number,
  visit: (run: Float32Array, at: number) => void,
): void {
  const { images, height, width, channels, cs } = map;
  const dense = cs === channels;
  const length = dense ? width * channels : channels;
  const runs = dense ? 1 : width;
  for (let y = 0; y < images * height; y++) {
    const row = map.at + shift + originOf(map) + Math.floor(y / height) * imageOf(map) + (y % height) * pitchOf(map);
    for (let i = 0; i < runs; i++) {
      visit(new Float32Array(buffer, row + i * stepOf(map), length), (y * runs + i) * length);
    }
  }
}
