import { ReadError } from "mobilenets";

/**
 * Reads all bytes of a stream. Stops reading at too many.
 * @param onChunk the stream waits until it settles
 * @param size length that the stream declares, if any
 * @throws ReadError if it is longer than `maxBytes`
 */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  where: string,
  maxBytes: number,
  { size = Number.NaN, onChunk = () => {} }: { size?: number; onChunk?: (bytes: number) => void | Promise<void> } = {},
): Promise<Uint8Array> {
  const tooLong = (found: string) =>
    new ReadError({
      where,
      found,
      expected: `at most ${maxBytes / 1e6} MB`,
      hint: "--max-mb raises the limit",
    });
  if (size > maxBytes) throw tooLong(`${Math.ceil(size / 1e6)} MB`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) throw tooLong("more bytes");
    await onChunk(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
