import { readBytes } from "#platform";
import { WeightsError } from "../errors.ts";
import { formats } from "./formats.ts";
import type { WeightFile } from "./weight-file.ts";

/**
 * Reads a weight file of any known format, told by its content.
 * @param source path or URL, or the bytes of a file that needs no companions
 * @param where names bytes in errors; its ending counts where the content does not tell
 * @throws WeightsError if the format is unknown or the file broken
 */
export async function readWeightFile(
  source: string | Uint8Array,
  where = typeof source === "string" ? source : "weights",
): Promise<WeightFile> {
  const bytes = typeof source === "string" ? await readBytes(source) : source;
  const format = formats.find(({ reader, matches }) => reader && matches(bytes, where));
  if (!format?.reader) {
    throw new WeightsError({
      where,
      found: bytes.length === 0 ? "an empty file" : "a file of no format this package reads",
      expected: formats.flatMap(({ reader, title }) => (reader ? [title] : [])).join(", "),
      hint: "is it cut short, or a web page that says so?",
    });
  }
  return (await format.reader())(bytes, where, readBytes);
}
