import { type Model, type Neighbour, nearest } from "mobilenets";
import { UMAP } from "umap-js";
import type { Neighbours, Place } from "./api.ts";
import { pictureOf } from "./picture.ts";
import { thumbnailOf } from "./thumbnail.ts";

/** Least pictures for a layout by neighbourhoods. */
const FEWEST = 4;
/** Neighbours in the layout: UMAP's default for many pictures, fewer for few, so that pairs stay together. */
const NEIGHBOURS = { least: 2, most: 15 };
const EPOCHS = 250;
/** Pictures searched, and layout steps, between two progress reports. */
const AT_ONCE = { pictures: 200, steps: 5 };
/** Share of the work for finding neighbours. */
const FINDING = 0.3;

/** Lets pending messages through, such as a stop. */
const breathe = () => new Promise<void>((done) => setTimeout(done));

/** Pictures with their features, for similarity. */
export class Gallery {
  readonly #vectors: Float32Array[] = [];
  #work = new AbortController();

  /** Adds a picture at the end. @returns a thumbnail */
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

  /** All pictures by similarity to one of them, which comes first. */
  async similarTo(index: number): Promise<Neighbours> {
    const found = await nearest(this.#vectors[index], this.#vectors, { k: this.#vectors.length });
    return { indices: found.map((one) => one.index), similarities: found.map(({ similarity }) => similarity) };
  }

  /**
   * Places each picture on a square of side 1, so that similar ones are close (UMAP, McInnes et al. 2018).
   * @param tell gets the finished share
   * @returns the current places of a stopped layout; none if not all neighbours are known
   */
  async layout(tell: (done: number) => Promise<void>): Promise<readonly Place[]> {
    const vectors = [...this.#vectors];
    const count = vectors.length;
    if (count < FEWEST) return vectors.map((_, i) => [(i + 1) / (count + 1), 0.5]);
    this.#work.abort();
    this.#work = new AbortController();
    const { signal } = this.#work;
    const told = async (done: number) => {
      await tell(done);
      await breathe();
    };
    const nNeighbors = Math.min(NEIGHBOURS.most, Math.max(NEIGHBOURS.least, Math.round(Math.sqrt(count))));
    const near: Neighbour[][] = [];
    while (near.length < count) {
      const some = vectors.slice(near.length, near.length + AT_ONCE.pictures);
      near.push(...(await nearest(some, vectors, { k: nNeighbors })));
      await told((FINDING * near.length) / count);
      if (signal.aborted) return [];
    }
    const umap = new UMAP({ nComponents: 2, nNeighbors, nEpochs: EPOCHS, minDist: 0.4, random: repeatable() });
    umap.setPrecomputedKNN(
      near.map((row) => row.map(({ index }) => index)),
      near.map((row) => row.map(({ similarity }) => Math.max(0, 1 - similarity))),
    );
    const steps = umap.initializeFit(vectors as unknown as number[][]);
    for (let step = 0; step < steps && !signal.aborted; step++) {
      umap.step();
      if (step % AT_ONCE.steps === 0) await told(FINDING + ((1 - FINDING) * step) / steps);
    }
    return onSquare(umap.getEmbedding());
  }

  stop(): void {
    this.#work.abort();
  }
}

/** A repeatable generator, so that layouts do not vary (linear congruential; Numerical Recipes' constants). */
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
