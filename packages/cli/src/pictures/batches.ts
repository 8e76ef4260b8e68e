import { type BadPicture, isBad, type OpenedPicture } from "./open.ts";

/** Decoded pictures of this many bytes fill a batch, so that memory does not depend on the size of the photographs. */
const BATCH_BYTES = 64e6;

/** Groups items in order: up to `size` pictures, with the bad ones between them. */
export async function* batches(
  items: AsyncIterable<OpenedPicture | BadPicture>,
  size: number,
): AsyncGenerator<(OpenedPicture | BadPicture)[], void, undefined> {
  let batch: (OpenedPicture | BadPicture)[] = [];
  let bytes = 0;
  for await (const item of items) {
    batch.push(item);
    if (!isBad(item)) bytes += item.picture.data.length;
    if (batch.length < size && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
