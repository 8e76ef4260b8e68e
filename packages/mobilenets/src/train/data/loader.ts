import { ImageError } from "../../errors.ts";
import type { Dataset } from "./dataset.ts";
import type { Filler, Recipe } from "./filler.ts";
import { PictureFiller } from "./picture-filler.ts";

/** How a loader keeps pictures, and whom it tells of those it cannot read. */
export interface LoaderOptions {
  /** Memory for decoded pictures, in bytes. Default 512 MiB; 0 for datasets that lie in memory as pixels. */
  readonly cacheBytes?: number;
  /** Told once of each picture that cannot be read; training goes on with another in its place. */
  readonly onSkip?: (skipped: Skipped) => void;
}

/** An example that training leaves out, since its picture cannot be read. */
export interface Skipped {
  readonly id: string;
  readonly index: number;
  /** What is wrong, with the picture's name. */
  readonly message: string;
}

/** Network inputs `[n, height, width, channels]` of examples. */
export interface Loaded {
  readonly images: Float32Array;
  readonly indices: readonly number[];
  /** Gives the memory of `images` back for others. */
  release(): void;
}

/** The example to take in place of an unreadable one; undefined if there is none. */
export type Substitute = (index: number) => number | undefined;

/** Loads a dataset's pictures in all epochs of a run. It keeps decoded pictures, and knows the unreadable ones. */
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

  /** Those found unreadable so far. */
  get skipped(): readonly Skipped[] {
    return [...this.#skipped.values()];
  }

  isSkipped(index: number): boolean {
    return this.#skipped.has(index);
  }

  /**
   * Loads the inputs of examples, one row each. Unreadable ones are replaced by what `substitute` gives, or left out
   * if there is no such function.
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

  /** The positions that could not be filled. */
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
    // The buffer has an earlier size, which no batch will have again.
    this.#free.length = 0;
    return this.#filler.allocate(length);
  }
}

/** Closes the gaps that left-out examples leave. */
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
