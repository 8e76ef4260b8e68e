import { WeightsError } from "../errors.ts";
import { importPeer } from "./peer.ts";
import { show } from "./show.ts";

/** A checkpoint has one entry a tensor; a forged directory may claim four billion. */
const MAX_ENTRIES = 20_000;

/**
 * Unpacks entries of a zip archive in which nothing is compressed, as torch.save and Keras write them: no entry can
 * then be larger than the file, and all together no more than once, so that no archive grows when it is opened.
 *
 * @param wanted whether to unpack an entry of that name
 * @param purpose completes "needed to ...", should fflate not be installed
 * @returns the wanted entries by name, each with memory of its own
 * @throws WeightsError for an archive that is cut short, or compressed, or names an entry twice
 */
export async function unzip(
  bytes: Uint8Array,
  where: string,
  wanted: (name: string) => boolean,
  purpose: string,
): Promise<Map<string, Uint8Array>> {
  const { unzipSync } = await importPeer("fflate", () => import("fflate"), purpose);
  const sizes = new Map<string, number>();
  let entries = 0;
  let total = 0;
  const filter = ({ name, size, originalSize, compression }: Entry): boolean => {
    if (++entries > MAX_ENTRIES) throw refuse(`more than ${MAX_ENTRIES} entries`);
    if (!wanted(name)) return false;
    if (sizes.has(name)) throw refuse(`two entries ${show(name)}`);
    if (compression !== 0 || size !== originalSize) {
      throw refuse(`entry ${show(name)} is compressed`, "none to be", "pack it again without compression");
    }
    total += size;
    if (!(total <= bytes.length)) throw refuse(`entries of more than ${total} bytes in a file of ${bytes.length}`);
    sizes.set(name, size);
    return true;
  };
  const refuse = (found: string, expected?: string, hint = "is the file complete?") =>
    new WeightsError({ where, found, expected, hint });

  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    throw new WeightsError(
      { where, found: "a zip archive that cannot be unpacked", hint: "is the file complete?" },
      { cause },
    );
  }
  return new Map(
    [...sizes].map(([name, size]) => {
      const data = Object.hasOwn(unpacked, name) ? unpacked[name] : undefined;
      if (data?.length !== size) throw refuse(`entry ${show(name)} is cut short`);
      return [name, data];
    }),
  );
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly originalSize: number;
  readonly compression: number;
}
