import { fitOf } from "../models/fit.ts";
import type { ReadCompanion } from "./format.ts";
import { labelsBeside } from "./labels-beside.ts";
import { logarithmNote } from "./logarithms.ts";
import { exportedFit } from "./teachable-machine.ts";
import type { WeightFile } from "./weight-file.ts";

/**
 * Adds information that a file lacks: how pictures fit the input, by its format; labels, by files beside it; a note on
 * answers that are logarithms of probabilities.
 * @param format name of the format in `formats.ts`
 * @param where path of the file, which identifies exports of Teachable Machine
 * @param beside reads files beside it, if possible
 */
export async function complete(
  file: WeightFile,
  format: string,
  where: string,
  beside: ReadCompanion | undefined,
): Promise<WeightFile> {
  const found = file.labels ? undefined : beside && (await labelsBeside(file, beside));
  const labels = file.labels ?? found?.labels;
  // Our own files have it.
  const preprocessing = file.preprocessing?.resize
    ? file.preprocessing
    : {
        ...fitOf(format, file.options?.flavor),
        ...file.preprocessing,
        ...exportedFit(where, found?.numbered ?? false),
      };
  const note = file.graph && logarithmNote(file.graph);
  const notes = note ? [...(file.notes ?? []), note] : file.notes;
  return { ...file, preprocessing, ...(labels && { labels }), ...(notes && { notes }) };
}
