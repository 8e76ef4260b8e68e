import { ImageError } from "../../errors.ts";
import type { Dataset } from "./dataset.ts";
import type { Filler, Recipe } from "./filler.ts";
import { PictureFiller } from "./picture-filler.ts";

/** Options of `DataLoader`. */
export interface LoaderOptions {
  /** Memory for decoded pictures, in bytes. Default 512 MiB; use 0 for datasets that are pixels in memory. */
  readonly cacheBytes?: number;
  /** Called once for each unreadable picture; training takes another picture instead. */
  readonly onSkip?: (skipped: Skipped) => void;
}

/** An example that training leaves out because its picture cannot be read. */
export interface Skipped {
  readonly id: string;
  readonly index: number;
  /** Error message; it names the picture. */
  readonly message: string;
}

/** Network inputs `[n, height, width, channels]` of examples. */
export interface Loaded {
  readonly images: Float32Array;
  readonly indices: readonly number[];
  /** Returns the memory of `images` for reuse. */
  release(): void;
}

/** Returns the substitute of an unreadable example; undefined if there is none. */
export type Substitute = (index: number) => number | undefined;

/** Loads a dataset's pictures in all epochs of a run. It caches decoded pictures and remembers unreadable ones. */
export class DataLoader {
  readonly dataset: Dataset;
  readonly #filler: Filler;
  readonly #onSkip: LoaderOptions["onSkip"];
  readonly #skipped = new Map<number, Skipped>();
  readonly #free: Float32Array[] = [];

  constructor(dataset: Dataset, options: LoaderOptions = {}, filler?: Filler) {
    this.dataset = dataset;
    this.#filler = filler ?? new PictureFiller(dataset, options.cacheBytes);
    this.#onSkip = options.onSkip;
  }

  /** Examples found unreadable so far. */
  get skipped(): readonly Skipped[] {
    return [...this.#skipped.values()];
  }

  isSkipped(index: number): boolean {
    return this.#skipped.has(index);
  }

  /**
   * Loads the inputs of examples, one row each. `substitute` replaces unreadable ones; without it they are left out.
   * @throws ImageError if an unreadable example has no substitute
   */
  async load(wanted: readonly number[], recipe: Recipe, substitute?: Substitute): Promise<Loaded> {
    const { height, width, channels } = recipe.preprocessing;
    const images = this.#take(wanted.length * height * width * channels);
    const indices: (number | undefined)[] = [...wanted];
    for (let positions = [...wanted.keys()]; positions.length > 0; ) {
      const rows: { index: number; position: number }[] = [];
      for (const position of positions) {
        const index = this.#usable(wanted[position]!, substitute);
        indices[position] = index;
        if (index !== undefined) rows.push({ index, position });
      }
      positions = await this.#fill(rows, recipe, images);
    }
    return { ...packed(images, indices), release: () => void this.#free.push(images) };
  }

  close(): void {
    this.#filler.close();
  }

  #usable(index: number, substitute: Substitute | undefined): number | undefined {
    if (!this.isSkipped(index)) return index;
    if (!substitute) return undefined;
    const other = substitute(index);
    if (other !== undefined) return other;
    const [first] = this.skipped;
    throw new ImageError({ where: "dataset", found: "none of the pictures can be read", hint: first?.message });
  }

  /** Fills rows and returns the positions that could not be filled. */
  async #fill(rows: readonly { index: number; position: number }[], recipe: Recipe, images: Float32Array) {
    const indices = rows.map(({ index }) => index);
    const positions = rows.map(({ position }) => position);
    const unreadable = await this.#filler.fill({ indices, positions }, recipe, images);
    for (const { index, message } of unreadable) {
      if (this.isSkipped(index)) continue;
      const skipped = { id: this.dataset.examples[index]!.id, index, message };
      this.#skipped.set(index, skipped);
      this.#onSkip?.(skipped);
    }
    return unreadable.map(({ position }) => position);
  }

  #take(length: number): Float32Array {
    const i = this.#free.findIndex((images) => images.length === length);
    if (i >= 0) return this.#free.splice(i, 1)[0]!;
    // A free buffer of another size: no later batch has that size.
    this.#free.length = 0;
    return this.#filler.allocate(length);
  }
}

/** Closes the gaps of examples that were left out. */
function packed(images: Float32Array, indices: readonly (number | undefined)[]): Omit<Loaded, "release"> {
  const kept = indices.filter((index) => index !== undefined);
  if (kept.length === indices.length) return { images, indices: kept };
  const size = images.length / indices.length;
  let to = 0;
  for (const [from, index] of indices.entries()) {
    if (index !== undefined) images.copyWithin(to++ * size, from * size, (from + 1) * size);
  }
  return { images: images.subarray(0, to * size), indices: kept };
}
