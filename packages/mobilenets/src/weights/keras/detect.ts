import { SIGNATURE } from "../containers/hdf5/signature.ts";

/** Entries of `.keras` archives; the first entry is one of these. */
export const ARCHIVE = { metadata: "metadata.json", config: "config.json", weights: "model.weights.h5" } as const;

/** Offset of an entry's name in zip. */
const NAME_AT = 30;

export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** Bytes at the end of an archive to search for the names of a Teachable Machine model's few files. */
const DIRECTORY_BYTES = 1024;

/** Whether a zip archive begins like a `.keras` file, and is not a TensorFlow.js model with its metadata first. */
export function isKerasArchive(bytes: Uint8Array): boolean {
  const startsAt = (at: number, text: string) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  if (!startsAt(0, "PK\x03\x04") || !Object.values(ARCHIVE).some((name) => startsAt(NAME_AT, name))) return false;
  return !new TextDecoder("latin1").decode(bytes.subarray(-DIRECTORY_BYTES)).includes("model.json");
}
