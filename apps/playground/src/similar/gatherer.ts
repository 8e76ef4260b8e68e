import type { Session } from "../session.ts";
import { isFailure } from "../worker/api.ts";

export interface Gathered {
  /** Files that are no pictures, and what the library says of the first. */
  readonly unread: number;
  readonly error: string;
}

/**
 * Sends files to the worker, one under way at a time, so that whatever else it is asked waits for one picture at most.
 * @param onPicture told of each in the order of the gallery
 * @throws Error if no model could be loaded
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
    // What the worker has taken is told even if it is stopped meanwhile: the page counts as the worker does.
    const thumbnail = await session.client.addToGallery(file);
    if (!isFailure(thumbnail)) onPicture(file, thumbnail, i + 1);
    else if (unread++ === 0) error = thumbnail.error;
  }
  return { unread, error };
}
