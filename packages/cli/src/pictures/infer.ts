import type { Picture } from "mobilenets";
import { batches } from "./batches.ts";
import { limitsOf } from "./limits.ts";
import { type BadPicture, isBad, type OpenedPicture } from "./open.ts";
import { openAhead } from "./open-ahead.ts";
import type { Input } from "./walk.ts";

/** The result of a picture. */
export interface Inferred<R> {
  readonly path: string;
  /** Hash of the file, hexadecimal. */
  readonly sha256: string;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly value: R;
}

export const DEFAULT_BATCH = 8;

/**
 * Runs pictures through `run`, batch by batch and in order. While one batch runs, the next is read and decoded.
 * @param paths files, URLs, `-` for standard input
 * @param run returns one value per picture
 */
export async function* infer<R>(
  paths: Iterable<Input>,
  run: (pictures: readonly Picture[]) => Promise<readonly R[]>,
  batchSize = DEFAULT_BATCH,
  limits = limitsOf(),
): AsyncGenerator<(Inferred<R> | BadPicture)[], void, undefined> {
  const leaving = new AbortController();
  try {
    const opened = openAhead(paths, batchSize, { ...limits, signal: leaving.signal });
    for await (const held of batches(opened, batchSize)) {
      const batch = held.map(({ item }) => item);
      const pictures = batch.filter((item): item is OpenedPicture => !isBad(item)).map((item) => item.picture);
      const values = pictures.length > 0 ? await run(pictures) : [];
      for (const { share } of held) share.close();
      let next = 0;
      yield batch.map((item) => {
        if (isBad(item)) return item;
        const { path, sha256, picture } = item;
        return { path, sha256, width: picture.width, height: picture.height, value: values[next++] };
      });
    }
  } finally {
    // A caller that stops early does not wait for downloads in progress.
    leaving.abort();
  }
}
