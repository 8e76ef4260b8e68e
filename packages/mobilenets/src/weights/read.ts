import { readBytes, readCompanion } from "#platform";
import { WeightsError } from "../errors.ts";
import { ReadError } from "../platform/platform.ts";
import type { ReadLimits } from "../platform/request-watch.ts";
import { show } from "../show.ts";
import { companionOf } from "./companion.ts";
import type { ReadCompanion, Wanted } from "./format.ts";
import { formats } from "./formats.ts";
import type { WeightFile } from "./weight-file.ts";

/**
 * Reads a weight file of any known format, told by its content.
 * @param source path or URL, or the bytes of a file that needs no companions
 * @param where names bytes in errors; its ending counts where the content does not tell
 * @param wanted what the caller knows of the network
 * @param limits of the file and of each companion
 * @throws WeightsError if the format is unknown or the file broken
 */
export async function readWeightFile(
  source: string | Uint8Array,
  where = typeof source === "string" ? source : "weights",
  wanted: Wanted = {},
  limits?: ReadLimits,
): Promise<WeightFile> {
  let bytes: Uint8Array;
  try {
    bytes = typeof source === "string" ? await readBytes(source, limits) : source;
  } catch (error) {
    if (typeof source !== "string" || !(error instanceof ReadError) || error.found !== "a folder") throw error;
    const { modelInFolder } = await import("./archive.ts");
    const file = await modelInFolder(source, (path) =>
      readBytes(path, limits).then(
        () => true,
        () => false,
      ),
    );
    return readWeightFile(file, file, wanted, limits);
  }
  const format = formats.find(({ reader, matches }) => reader && matches?.(bytes, where));
  if (!format?.reader) {
    throw new WeightsError({
      where,
      found: bytes.length === 0 ? "an empty file" : "a file of no format this package reads",
      expected: formats.flatMap(({ reader, title }) => (reader ? [title] : [])).join(", "),
      hint: "is it cut short, or a web page that says so?",
    });
  }
  const companions = typeof source === "string" ? companionsOf(source, limits) : noCompanions;
  const file = await (await format.reader())(bytes, where, companions, wanted);
  // Over the network, that would be one more request for each model that has no labels.
  if (typeof source !== "string" || REMOTE.test(source) || file.labels) return file;
  const { labelsBeside } = await import("./labels-beside.ts");
  const labels = await labelsBeside(file, companions);
  return labels ? { ...file, labels } : file;
}

/** With a scheme of two letters or more; one letter is a drive. */
const REMOTE = /^(?!file:)[a-z][a-z0-9+.-]+:/i;

function companionsOf(file: string, limits: ReadLimits | undefined): ReadCompanion {
  return async (path) => {
    const companion = companionOf(file, path);
    if (companion !== undefined) return readCompanion(companion, file, limits);
    const expected = "a file in the folder of the model, or below it";
    throw new WeightsError({ where: file, found: `a companion at ${show(path)}`, expected });
  };
}

async function noCompanions(path: string): Promise<never> {
  const hint = "give its path or URL instead";
  throw new WeightsError({ where: path, found: "a companion of a file that was given as bytes", hint });
}
