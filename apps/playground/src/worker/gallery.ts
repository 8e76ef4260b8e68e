import { type Model, nearest } from "mobilenets";
import { UMAP } from "umap-js";
import type { Neighbours, Place } from "./api.ts";
import { pictureOf } from "./picture.ts";
import { thumbnailOf } from "./thumbnail.ts";

/** Fewer than this have no neighbourhoods to lay out. */
const FEWEST = 4;
/** Neighbours whose nearness the map keeps: UMAP's default for many pictures, few for few, so that pairs stay together. */
const NEIGHBOURS = { least: 2, most: 15 };
const EPOCHS = 250;

/** Pictures by their features: which are like which. */
export class Gallery {
  readonly #vectors: Float32Array[] = [];

  /** @returns a small picture for the page; its place in the gallery is the next */
  async add(model: Model, file: Blob): Promise<Blob> {
    const picture = await pictureOf(file);
    const vector = await model.embed(picture);
    const thumbnail = await thumbnailOf(picture);
    this.#vectors.push(vector);
    return thumbnail;
  }

  clear(): void {
    this.#vectors.length = 0;
  }

  /** All pictures, the most similar to one of them first: itself. */
  async similarTo(index: number): Promise<Neighbours> {
    const found = await nearest(this.#vectors[index], this.#vectors, { k: this.#vectors.length });
    return { indices: found.map((one) => one.index), similarities: found.map(({ similarity }) => similarity) };
  }

  /** A place for each picture on a square of side 1, like beside like (UMAP, McInnes et al. 2018). */
  layout(): readonly Place[] {
    const count = this.#vectors.length;
    if (count < FEWEST) return this.#vectors.map((_, i) => [(i + 1) / (count + 1), 0.5]);
    const umap = new UMAP({
      nComponents: 2,
      nNeighbors: Math.min(NEIGHBOURS.most, Math.max(NEIGHBOURS.least, Math.round(Math.sqrt(count)))),
      nEpochs: EPOCHS,
      minDist: 0.4,
      random: repeatable(),
      distanceFn: cosineDistance,
    });
    return onSquare(umap.fit(this.#vectors as unknown as number[][]));
  }
}

function cosineDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return 1 - ab / Math.sqrt(aa * bb || 1);
}

/** The same pictures lie in the same places each time (a linear congruential generator; Numerical Recipes' constants). */
function repeatable(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function onSquare(points: readonly (readonly number[])[]): readonly Place[] {
  const scaled = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return values.map((value) => (most > least ? (value - least) / (most - least) : 0.5));
  });
  return points.map((_, i) => [scaled[0][i], scaled[1][i]]);
}
