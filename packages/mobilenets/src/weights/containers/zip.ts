import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { inflate, unpackedLimit } from "./inflate.ts";
import { type Entry, entriesOf } from "./zip-directory.ts";

/** Most entries. A checkpoint has one per tensor; a forged directory may claim four billion. */
const MAX_ENTRIES = 20_000;

const METHOD = { stored: 0, deflated: 8 } as const;

/**
 * Unpacks entries of a zip archive. torch.save and Keras do not compress, but an archive may have been repacked.
 *
 * We do not use fflate because it unpacks an entry to its end, however much longer than announced (docs/lab.md).
 *
 * @param wanted whether to unpack an entry of that name
 * @returns the wanted entries by name, each with its own memory
 * @throws WeightsError for an archive that is cut short, unpacks beyond the limit, is encrypted, or repeats an entry
 */
export async function unzip(
  bytes: Uint8Array,
  where: string,
  wanted: (name: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const chosen = new Map<string, Entry>();
  let entries = 0;
  let packed = 0;
  let unpacked = 0;
  for (const entry of entriesOf(bytes, where)) {
    if (++entries > MAX_ENTRIES) throw refuse(where, `more than ${MAX_ENTRIES} entries`);
    if (!wanted(entry.name)) continue;
    if (chosen.has(entry.name)) throw refuse(where, `two entries ${show(entry.name)}`);
    chosen.set(entry.name, entry);
    packed += entry.packedSize;
    unpacked += entry.size;
  }
  // No real archive has entries that share bytes.
  if (packed > bytes.length) throw refuse(where, `entries of ${packed} bytes in a file of ${bytes.length}`);
  const limit = unpackedLimit(bytes.length);
  if (unpacked > limit) throw refuse(where, `entries of ${unpacked} bytes, unpacked`, `at most ${limit}`);
  const contents = new Map<string, Uint8Array>();
  for (const [name, entry] of chosen) contents.set(name, await unpack(bytes, entry, `${where}: ${name}`));
  return contents;
}

async function unpack(bytes: Uint8Array, { begin, packedSize, size, method, encrypted }: Entry, where: string) {
  const packed = bytes.subarray(begin, begin + packedSize);
  if (encrypted) throw refuse(where, "encrypted", "no encryption");
  if (method === METHOD.deflated) return inflate(packed, "deflate-raw", size, where);
  if (method !== METHOD.stored) {
    throw refuse(where, `compressed by method ${method}`, "deflate or no compression", "pack the archive again");
  }
  if (packedSize !== size) throw refuse(where, `${packedSize} bytes`, `${size}`);
  return new Uint8Array(packed);
}

function refuse(where: string, found: string, expected?: string, hint = "is the file complete?"): WeightsError {
  return new WeightsError({ where, found, expected, hint });
}
