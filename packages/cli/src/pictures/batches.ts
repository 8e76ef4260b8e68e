import { isBad } from "./open.ts";
import type { HeldPicture } from "./open-ahead.ts";

/** Most bytes of decoded pictures in a batch, so the size of the photographs does not decide the memory. */
const BATCH_BYTES = 64e6;

/** Groups pictures in order into batches of at most `size`. Bad pictures count. */
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
