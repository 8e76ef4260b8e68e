import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { LEGACY } from "./detect.ts";
import type { TorchObjects } from "./objects.ts";
import { type PickleValue, unpickleFirst } from "./pickle.ts";

const VERSION = 1001;

/**
 * Reads the value in a file of torch.save before PyTorch 1.6: five pickles (a magic number, a version, the machine's
 * properties, the value, the keys of its storages in order), then for each storage its number of elements, in 64 bits,
 * and the elements.
 *
 * @param bytes a file that `isLegacyFile` accepts
 * @param maxPickle most bytes of a pickle
 * @param objects the file's objects; afterwards tensors can be read
 * @throws WeightsError for a file that is cut short, and as `unpickle`
 */
export function readLegacy(bytes: Uint8Array, where: string, maxPickle: number, objects: TorchObjects): PickleValue {
  let at = LEGACY.length;
  const next = (): PickleValue => {
    const { value, end } = unpickleFirst(bytes.subarray(at, at + maxPickle), where, objects);
    at += end;
    return value;
  };
  const version = next();
  if (version !== VERSION) throw broken(where, "a torch.save file of another version", `version ${VERSION}`);
  const machine = next();
  if (machine instanceof Map && machine.get("little_endian") === false) {
    throw broken(where, "numbers in big-endian byte order", "little-endian");
  }
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw broken(where, "no list of storages");

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Uint8Array>();
  for (const key of keys) {
    const size = typeof key === "string" ? objects.sizeOf(key) : undefined;
    if (!size || storages.has(key)) throw broken(where, "a storage that no tensor uses");
    const start = at + 8;
    at = start + size.bytes;
    if (at > bytes.length) throw broken(where, `${bytes.length} bytes`, `at least ${at}, for storage ${show(key)}`);
    if (view.getBigInt64(start - 8, true) !== BigInt(size.count)) {
      throw broken(where, `storage ${show(key)} whose size differs from that of its tensors`);
    }
    // A copy is aligned.
    storages.set(key, new Uint8Array(bytes.subarray(start, at)));
  }
  objects.provide(storages);
  return value;
}

function broken(where: string, found: string, expected?: string): WeightsError {
  return new WeightsError({ where, found, expected, hint: "is the file complete?" });
}
