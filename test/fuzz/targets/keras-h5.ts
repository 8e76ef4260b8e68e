import { readFileSync } from "node:fs";
import { checksum } from "../../../packages/mobilenets/src/weights/containers/hdf5/checksum.ts";
import { writeHdf5 } from "../../../packages/mobilenets/src/weights/containers/hdf5/write.ts";
import { readKerasH5 } from "../../../packages/mobilenets/src/weights/keras/read-h5.ts";
import { writeKerasLegacy, writeKerasStore } from "../../../packages/mobilenets/src/weights/keras/write.ts";
import { narrowV1, tinyWhole } from "../../support/keras-file.ts";
import { readByLibrary, writeByLibrary } from "../../support/libhdf5.ts";
import type { Target } from "../harness.ts";
import { noCompanions, touch } from "../touch.ts";

/** Both formats of weights and a whole model, each in our and in the C library's layout; also compressed. */
export async function target(): Promise<Target> {
  const legacy = (await writeKerasLegacy(narrowV1())).bytes;
  const store = (await writeKerasStore(narrowV1())).bytes;
  return {
    files: {
      legacy,
      store,
      whole: writeHdf5(tinyWhole()),
      "library's legacy": await writeByLibrary(await readByLibrary(legacy), "old", true),
      "library's store": await writeByLibrary(await readByLibrary(store), "old"),
      "library's whole": await writeByLibrary(tinyWhole(), "old"),
      "library's new whole": await writeByLibrary(tinyWhole(), "new"),
      compressed: new Uint8Array(readFileSync(new URL("../../golden/keras/packed/gzip.h5", import.meta.url))),
    },
    read: async (bytes) => touch(await readKerasH5(resigned(bytes), "fuzzed.h5", noCompanions)),
  };
}

/** Updates the checksums of a mutated file, as an attacker can. */
export function resigned(bytes: Uint8Array): Uint8Array {
  const signed = bytes.slice();
  const view = new DataView(signed.buffer);
  const sign = (from: number, to: number) => {
    if (to + 4 <= signed.length) view.setUint32(to, checksum(signed.subarray(from, to)), true);
  };
  if (signed[8] === 2 || signed[8] === 3) sign(0, 44);
  const file = Buffer.from(signed.buffer);
  for (let at = file.indexOf("OHDR"); at >= 0 && at + 40 < signed.length; at = file.indexOf("OHDR", at + 4)) {
    const flags = signed[at + 5];
    const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    const sizeBytes = 2 ** (flags & 3);
    const size = [...signed.subarray(sizeAt, sizeAt + sizeBytes)].reduceRight((sum, byte) => sum * 256 + byte, 0);
    sign(at, sizeAt + sizeBytes + size);
  }
  return signed;
}
