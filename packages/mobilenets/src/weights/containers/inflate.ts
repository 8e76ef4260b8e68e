import { WeightsError } from "../../errors.ts";

/**
 * Most bytes of a file's compressed parts after unpacking: far more than weights need, which hardly compress unless they
 * are few or all zero.
 */
export const unpackedLimit = (fileLength: number) => 2 ** 24 + 8 * fileLength;

/**
 * Decompresses DEFLATE with the host's decoder, and stops if the result is longer than announced: a kilobyte can unpack
 * to a megabyte.
 *
 * @param format with zlib's header and checksum, or without
 * @param length length of the result in bytes, allocated at once: check it against a limit first
 * @throws WeightsError for damaged data, or another length
 */
export async function inflate(
  bytes: Uint8Array,
  format: "deflate" | "deflate-raw",
  length: number,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(length);
  let at = 0;
  try {
    // A copy, because blobs take no shared memory.
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(format));
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      out.set(part.value.subarray(0, length - at), at);
      at += part.value.length;
      if (at > length) await reader.cancel();
    }
  } catch (cause) {
    const hint = "is the file damaged?";
    throw new WeightsError({ where, found: "compressed data that cannot be unpacked", hint }, { cause });
  }
  if (at === length) return out;
  const found = `compressed data of ${at > length ? "more" : "fewer"} bytes than stated`;
  throw new WeightsError({ where, found, expected: `${length}`, hint: "is the file damaged?" });
}
