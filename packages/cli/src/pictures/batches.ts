import { isBad } from "./open.ts";
import type { HeldPicture } from "./open-ahead.ts";

/** Decoded pictures of this many bytes fill a batch, so that memory does not depend on the size of the photographs. */
const BATCH_BYTES = 64e6;

/** Groups pictures in order: up to `size`, with the bad ones between them. */
export async function* batches(
  pictures: AsyncIterable<HeldPicture>,
  size: number,
): AsyncGenerator<HeldPicture[], void, undefined> {
  let batch: HeldPicture[] = [];
  let bytes = 0;
  for await (const held of pictures) {
    batch.push(held);
    if (!isBad(held.item)) bytes += held.item.picture.data.length;
    if (batch.length < size && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
