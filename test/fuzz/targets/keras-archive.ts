import { zipSync } from "fflate";
import { writeHdf5 } from "../../../packages/mobilenets/src/weights/hdf5/write.ts";
import { readKerasArchive } from "../../../packages/mobilenets/src/weights/keras/read-archive.ts";
import { kerasArchive, tinyConfig, tinyStore } from "../../support/keras-file.ts";
import { writeByLibrary } from "../../support/libhdf5.ts";
import type { Target } from "../harness.ts";
import { noCompanions, touch } from "../touch.ts";

/** Archives with weights as we lay them out and as Keras does, and one that would unpack to a thousand times its size. */
export async function target(): Promise<Target> {
  const config = JSON.stringify(tinyConfig());
  return {
    files: {
      ours: kerasArchive(config, writeHdf5(tinyStore())),
      "library's": kerasArchive(config, await writeByLibrary(tinyStore(), "old")),
      bomb: zipSync({ "config.json": [new Uint8Array(1e6), { level: 9 }] }),
    },
    read: async (bytes) => touch(await readKerasArchive(bytes, "fuzzed.keras", noCompanions)),
  };
}
