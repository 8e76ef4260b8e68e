import { fromHex } from "../../kernels/from-hex.ts";
import { NORMALISATION_BYTES } from "../../kernels/pictures/layout.ts";
import { layOut } from "../lay-out.ts";
import type { Normalisation } from "../normalise.ts";

/** Exports of the module; addresses, strides and starts are in bytes, counts in pixels or samples. */
export interface PictureKernels {
  opaque(from: number, pixels: number, to: number): number;
  widen(from: number, samples: number, to: number): void;
  normalise(from: number, samples: number, norm: number, to: number): void;
  across(row: number, starts: number, weights: number, taps: number, pixels: number, to: number): void;
  down(
    ...args: [...Ring, weights: number, taps: number, samples: number, bytes: number, normalisation: number, to: number]
  ): void;
  "fixed-across"(row: number, starts: number, weights: number, turns: number, pixels: number, to: number): void;
  "fixed-down"(...args: [...Ring, weights: number, turns: number, bytes: number, to: number]): void;
}

/** Rows in a ring: address of the first, distance between rows, end and size of the ring, in bytes. */
export type Ring = [first: number, stride: number, end: number, size: number];

/** Most pages of the memory, of 64 KiB each: all that WebAssembly can address. */
const MOST_PAGES = 65_536;
/** First address; 0 stays free. */
const START = 16;
/** Most bytes of memory. Pictures that need more, such as very wide ones with wide filters, stay in JavaScript. */
const MOST_BYTES = 2 ** 26;

const NOTHING: Normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };

/** A linear memory with the kernels. Each picture has its own layout. */
export class PictureMemory {
  readonly kernels: PictureKernels;
  readonly #memory: WebAssembly.Memory;

  private constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.kernels = exports as unknown as PictureKernels;
  }

  /** Rejects if the host has no SIMD, or compiles nothing. */
  static async create(): Promise<PictureMemory> {
    const { bytes } = await import("../../kernels/generated/picture-kernels.ts");
    return new PictureMemory(await WebAssembly.compile(fromHex(bytes)));
  }

  /**
   * Places areas of these sizes in bytes and returns their addresses. Older views become invalid.
   * @returns undefined if the areas are too large
   */
  layOut<Name extends string>(sizes: Readonly<Record<Name, number>>): Record<Name, number> | undefined {
    return layOut(this.#memory, START, MOST_BYTES, sizes);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, length);
  }

  integers(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }

  /** Writes means and standard deviations in the kernels' layout; the default leaves samples unchanged. */
  writeNormalisation(at: number, { mean, std }: Normalisation = NOTHING): void {
    const half = NORMALISATION_BYTES / 2 / Float64Array.BYTES_PER_ELEMENT;
    const each = (values: readonly number[]) => Array.from({ length: half }, (_, i) => values[i % values.length]!);
    this.doubles(at, 2 * half).set([...each(mean), ...each(std)]);
  }
}
