import { fitOf } from "../models/fit.ts";
import type { ReadCompanion } from "./format.ts";
import { labelsBeside } from "./labels-beside.ts";
import type { WeightFile } from "./weight-file.ts";

/** With a scheme of two letters or more; one letter is a drive. */
const REMOTE = /^(?!file:)[a-z][a-z0-9+.-]+:/i;

/**
 * Adds what a file leaves open and its surroundings tell: how pictures fit the input, by its format; names of classes,
 * by files beside it.
 * @param format its name in `formats.ts`
 * @param source where it was read from; undefined for bytes, beside which there is nothing
 */
export async function complete(
  file: WeightFile,
  format: string,
  source: string | undefined,
  read: ReadCompanion,
): Promise<WeightFile> {
  // Our own files say all of it.
  const preprocessing = file.preprocessing?.resize
    ? file.preprocessing
    : { ...fitOf(format, file.options?.flavor), ...file.preprocessing };
  // Over the network, labels would be one more request for each model that has none.
  const labels = file.labels ?? (source && !REMOTE.test(source) ? await labelsBeside(file, read) : undefined);
  return { ...file, preprocessing, ...(labels && { labels }) };
}
