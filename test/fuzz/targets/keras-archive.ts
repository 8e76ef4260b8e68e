import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { writeHdf5 } from "../../../packages/mobilenets/src/weights/containers/hdf5/write.ts";
import { readKerasArchive } from "../../../packages/mobilenets/src/weights/keras/read-archive.ts";
import { kerasArchive, tinyConfig, tinyStore } from "../../support/keras-file.ts";
import { writeByLibrary } from "../../support/libhdf5.ts";
import type { Target } from "../harness.ts";
import { noCompanions, touch } from "../touch.ts";

/** Archives with weights in our and in Keras' layout, a compressed one, and one that would unpack to 100 MB. */
export async function target(): Promise<Target> {
  const config = JSON.stringify(tinyConfig());
  return {
    files: {
      ours: kerasArchive(config, writeHdf5(tinyStore())),
      "library's": kerasArchive(config, await writeByLibrary(tinyStore(), "old")),
      deflated: new Uint8Array(readFileSync(new URL("../../golden/keras/packed/deflated.keras", import.meta.url))),
      bomb: zipSync({ "config.json": [new Uint8Array(1e8), { level: 9 }] }),
    },
    read: async (bytes) => touch(await readKerasArchive(bytes, "fuzzed.keras", noCompanions)),
  };
}
