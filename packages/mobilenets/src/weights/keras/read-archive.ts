import { WeightsError } from "../../errors.ts";
import { openHdf5 } from "../containers/hdf5/hdf5.ts";
import { unzip } from "../containers/zip.ts";
import type { Reader } from "../format.ts";
import { ARCHIVE } from "./detect.ts";
import { modelOf, parseConfig } from "./read-h5.ts";

/**
 * Reads a `.keras` file: a zip archive of the model's config and its weights in HDF5.
 * @throws WeightsError for an archive that is damaged or holds no MobileNet
 */
export const readKerasArchive: Reader = async (bytes, where, _readBytes, wanted = {}) => {
  const entries = await unzip(bytes, where, (name) => name === ARCHIVE.config || name === ARCHIVE.weights);
  const entry = (name: string): Uint8Array => {
    const content = entries.get(name);
    if (content) return content;
    throw new WeightsError({ where, found: `an archive without ${name}`, expected: "what Keras writes" });
  };
  const config = parseConfig(new TextDecoder().decode(entry(ARCHIVE.config)), where);
  return modelOf(openHdf5(entry(ARCHIVE.weights), `${where}: ${ARCHIVE.weights}`), config, wanted, where);
};
