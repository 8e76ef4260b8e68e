import { fitOf } from "../models/fit.ts";
import type { ReadCompanion } from "./format.ts";
import { labelsBeside } from "./labels-beside.ts";
import type { WeightFile } from "./weight-file.ts";

/**
 * Adds what a file leaves open and its surroundings tell: how pictures fit the input, by its format; names of classes,
 * by files beside it.
 * @param format its name in `formats.ts`
 * @param beside reads files beside it, where there are any
 */
export async function complete(
  file: WeightFile,
  format: string,
  beside: ReadCompanion | undefined,
): Promise<WeightFile> {
  // Our own files say it.
  const preprocessing = file.preprocessing?.resize
    ? file.preprocessing
    : { ...fitOf(format, file.options?.flavor), ...file.preprocessing };
  const labels = file.labels ?? (beside && (await labelsBeside(file, beside)));
  return { ...file, preprocessing, ...(labels && { labels }) };
}
