import { readFileSync } from "node:fs";
import { buildGraph, type NetworkName, optionsOf } from "../../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf, signedPreprocessing } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import type { WritableModel } from "../../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { randomProgram } from "../../support/random-program.ts";
import { smallProgram } from "../../support/small-program.ts";

/** A network with hardly any weights. With one channel, convolutions would look like depthwise ones. */
export const narrowOptions: ModelOptions = { alpha: 0.1, classes: 2, inputShape: [32, 32, 3] };

export function narrow(network: NetworkName, given: ModelOptions = {}): WritableModel {
  const options = { ...narrowOptions, ...given };
  return {
    program: randomProgram(buildGraph(network, options), 1),
    network,
    options,
    preprocessing: preprocessingOf(optionsOf(network, options)),
    labels: ["cat", "dog"],
  };
}

/** A graph that is none of our networks. */
export function small(): WritableModel {
  return {
    program: smallProgram(),
    preprocessing: signedPreprocessing(9, 8, 3),
    labels: ["a", "b", "c", "d", "e"],
  };
}

export const golden = (path: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../../golden/${path}`, import.meta.url)));

/** Date of files in archives, so that a case always has the same bytes. */
export const DATE = "2000-01-01";

/** Resizes contents by repetition. */
export function resized(contents: ArrayBufferView | undefined, length: number): Uint8Array {
  if (!(Number.isSafeInteger(length) && length >= 0 && length <= 2 ** 22)) throw new RangeError(`${length} bytes`);
  const out = new Uint8Array(length);
  const from = contents ? new Uint8Array(contents.buffer, contents.byteOffset, contents.byteLength) : out;
  for (let at = 0; at < length && from.length > 0; at += from.length) out.set(from.subarray(0, length - at), at);
  return out;
}

/** Number of elements of a value that may be no shape. */
export function countOf(shape: unknown): number {
  return Array.isArray(shape) ? shape.reduce<number>((product, n) => product * Number(n), 1) : Number.NaN;
}
