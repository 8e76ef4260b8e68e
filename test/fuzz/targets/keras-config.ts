import { writeHdf5 } from "../../../packages/mobilenets/src/weights/containers/hdf5/write.ts";
import { readKerasArchive } from "../../../packages/mobilenets/src/weights/keras/read-archive.ts";
import { readKerasH5 } from "../../../packages/mobilenets/src/weights/keras/read-h5.ts";
import { kerasArchive, tinyConfig, tinyStore, tinyWhole } from "../../support/keras-file.ts";
import type { Target } from "../harness.ts";
import { noCompanions, touch } from "../touch.ts";

/** Mutates only configs inside valid files, so that every mutation reaches the graph builder. */
export function target(): Target {
  const config = new TextEncoder().encode(JSON.stringify(tinyConfig()));
  const deep = new TextEncoder().encode("[".repeat(50_000) + "]".repeat(50_000));
  const store = writeHdf5(tinyStore());
  let turn = 0;
  return {
    files: { config, deep },
    read: async (bytes) => {
      const text = new TextDecoder().decode(bytes);
      const fits = text.length < 60_000 && ++turn % 2 === 0;
      const file = fits
        ? readKerasH5(writeHdf5(tinyWhole(text)), "fuzzed.h5", noCompanions)
        : readKerasArchive(kerasArchive(bytes, store), "fuzzed.keras", noCompanions);
      touch(await file);
    },
  };
}
