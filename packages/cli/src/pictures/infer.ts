import { availableParallelism } from "node:os";
import type { Picture } from "mobilenets";
import { batches } from "./batches.ts";
import { mapAhead } from "./map-ahead.ts";
import { type BadPicture, isBad, type OpenedPicture, openPicture } from "./open.ts";

export interface Inferred<R> {
  readonly path: string;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** In pixels, as the network sees the picture: turned upright. */
  readonly width: number;
  readonly height: number;
  readonly value: R;
}

export const DEFAULT_BATCH = 8;

/**
 * Runs files through `run`, batch by batch and in order. While one batch runs, the files of the next are decoded.
 * @param run one value per picture
 */
export async function* infer<R>(
  paths: Iterable<string>,
  run: (pictures: readonly Picture[]) => Promise<readonly R[]>,
  batchSize = DEFAULT_BATCH,
): AsyncGenerator<(Inferred<R> | BadPicture)[], void, undefined> {
  const opened = mapAhead(paths, openPicture, batchSize + availableParallelism());
  for await (const batch of batches(opened, batchSize)) {
    const pictures = batch.filter((item): item is OpenedPicture => !isBad(item)).map((item) => item.picture);
    const values = pictures.length > 0 ? await run(pictures) : [];
    let next = 0;
    yield batch.map((item) => {
      if (isBad(item)) return item;
      const { path, sha256, picture } = item;
      return { path, sha256, width: picture.width, height: picture.height, value: values[next++] };
    });
  }
}
