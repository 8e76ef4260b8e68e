import { MobileNetsError } from "../../errors.ts";
import { type Fitting, fittingOf } from "../../image/fitting.ts";
import type { Picture } from "../../image/picture.ts";
import { preprocess } from "../../image/preprocess.ts";
import { random } from "../../random.ts";
import { augment } from "./augment.ts";
import type { Dataset } from "./dataset.ts";
import type { Filler, Recipe, Rows, Unreadable } from "./filler.ts";
import { withoutColour } from "./grey.ts";
import { hashText, mixSeeds } from "./hash.ts";
import { STREAM } from "./order.ts";
import { PictureCache } from "./picture-cache.ts";

/** Pictures decoded at once; hosts decode on threads of their own, usually four. */
const DECODING = 6;

/** 512 MiB. */
export const DEFAULT_CACHE_BYTES = 512 * 2 ** 20;

/** Whether an error is about a picture. Any other error that a dataset's `picture` throws ends the run. */
function isUnreadable(error: unknown): error is MobileNetsError {
  return MobileNetsError.is(error) && (error.name === "ImageError" || error.name === "ReadError");
}

/** Opens, prepares and augments pictures on this thread, with a cache of decoded ones. */
export class PictureFiller implements Filler {
  readonly #dataset: Pick<Dataset, "examples" | "picture">;
  readonly #cache: PictureCache;

  constructor(dataset: Pick<Dataset, "examples" | "picture">, cacheBytes = DEFAULT_CACHE_BYTES) {
    this.#dataset = dataset;
    this.#cache = new PictureCache(cacheBytes);
  }

  allocate(length: number): Float32Array {
    return new Float32Array(length);
  }

  async fill({ indices, positions }: Rows, recipe: Recipe, images: Float32Array): Promise<Unreadable[]> {
    const unreadable: Unreadable[] = [];
    const fitting = await fittingOf(recipe.preprocessing);
    let next = 0;
    const work = async () => {
      while (next < indices.length) {
        const row = next++;
        const index = indices[row]!;
        try {
          const picture = this.#cache.get(index) ?? (await this.#open(index));
          this.#prepare(picture, index, recipe, images, positions[row]!, fitting);
        } catch (error) {
          if (!isUnreadable(error)) throw error;
          unreadable.push({ index, position: positions[row]!, message: error.message });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(DECODING, indices.length) }, work));
    return unreadable;
  }

  close(): void {}

  async #open(index: number): Promise<Picture> {
    // Grey is reduced whether or not the cache keeps the picture: its numbers must not depend on that.
    const picture = withoutColour(await this.#dataset.picture(index));
    this.#cache.add(index, picture);
    return picture;
  }

  #prepare(
    picture: Picture,
    index: number,
    recipe: Recipe,
    images: Float32Array,
    position: number,
    fitting: Fitting,
  ): void {
    const { preprocessing, training } = recipe;
    const offset = position * preprocessing.height * preprocessing.width * preprocessing.channels;
    if (!training) {
      preprocess(picture, preprocessing, images, offset, fitting);
      return;
    }
    const { augmentation, seed, epoch } = training;
    // The seed uses the id, so that an example's position in a list does not matter.
    const next = random(mixSeeds(STREAM.example, seed, epoch, hashText(this.#dataset.examples[index]!.id)));
    augment(picture, preprocessing, augmentation, next, images, offset, fitting);
  }
}
