import { availableParallelism } from "node:os";
import type { Picture } from "mobilenets";
import { batches } from "./batches.ts";
import { limitsOf } from "./limits.ts";
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
 * Runs pictures through `run`, batch by batch and in order. While one batch runs, those of the next are read and decoded.
 * @param paths files, URLs, `-` for standard input
 * @param run one value per picture
 */
export async function* infer<R>(
  paths: Iterable<string>,
  run: (pictures: readonly Picture[]) => Promise<readonly R[]>,
  batchSize = DEFAULT_BATCH,
  limits = limitsOf(),
): AsyncGenerator<(Inferred<R> | BadPicture)[], void, undefined> {
  const leaving = new AbortController();
  const open = (path: string) => openPicture(path, { ...limits, signal: leaving.signal });
  try {
    const opened = mapAhead(paths, open, batchSize + availableParallelism());
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
  } finally {
    // Who stops early shall not wait for downloads begun ahead.
    leaving.abort();
  }
}
