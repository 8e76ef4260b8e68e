import { SIGNATURE } from "../containers/hdf5/signature.ts";

/** What `.keras` archives hold; the first entry is one of these. */
export const ARCHIVE = { metadata: "metadata.json", config: "config.json", weights: "model.weights.h5" } as const;

/** Zip puts 30 bytes about an entry before its name. */
const NAME_AT = 30;

export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** Of a directory at the end of an archive, which names a Teachable Machine model's few files. */
const DIRECTORY_BYTES = 1024;

/** Whether a zip archive begins as a `.keras` file does, and is no model of TensorFlow.js with its metadata first. */
export function isKerasArchive(bytes: Uint8Array): boolean {
  const startsAt = (at: number, text: string) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  if (!startsAt(0, "PK\x03\x04") || !Object.values(ARCHIVE).some((name) => startsAt(NAME_AT, name))) return false;
  return !new TextDecoder("latin1").decode(bytes.subarray(-DIRECTORY_BYTES)).includes("model.json");
}
