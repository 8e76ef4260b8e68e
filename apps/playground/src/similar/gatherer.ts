import type { Session } from "../session.ts";
import { isFailure } from "../worker/api.ts";

export interface Gathered {
  /** Number of files that are no pictures, and the library's message for the first. */
  readonly unread: number;
  readonly error: string;
}

/**
 * Sends files to the worker one at a time, so that other requests wait for at most one picture.
 * @param onPicture called for each picture in the order of the gallery
 * @throws Error if no model can be loaded
 */
export async function gather(
  session: Session,
  files: readonly File[],
  signal: AbortSignal,
  onPicture: (file: File, thumbnail: Blob, done: number) => void,
): Promise<Gathered> {
  await session.model();
  let unread = 0;
  let error = "";
  for (const [i, file] of files.entries()) {
    if (signal.aborted) break;
    // A picture that the worker has added is reported even after a stop: page and worker must count alike.
    const thumbnail = await session.client.addToGallery(file);
    if (!isFailure(thumbnail)) onPicture(file, thumbnail, i + 1);
    else if (unread++ === 0) error = thumbnail.error;
  }
  return { unread, error };
}
