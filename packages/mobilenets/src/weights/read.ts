import { isLocal, readBytes, readCompanion } from "#platform";
import { OptionError, WeightsError } from "../errors.ts";
import type { ReadLimits } from "../platform/request-watch.ts";
import { show } from "../show.ts";
import type { ReadCompanion, Wanted } from "./format.ts";
import { formats } from "./formats.ts";
import type { WeightFile } from "./weight-file.ts";

/** The files beside one given as bytes, by path relative to it. */
export type Companions = Readonly<Record<string, Uint8Array | Blob>>;

/**
 * Reads a weight file of any known format, which its content determines.
 * @param source path or URL, or the bytes of a file
 * @param where names bytes in errors; its extension counts if the content is ambiguous
 * @param wanted the caller's knowledge of the network
 * @param limits limits of the file and of each companion
 * @param companions files beside one given as bytes
 * @throws WeightsError if the format is unknown or the file damaged
 */
export async function readWeightFile(
  source: string | Uint8Array,
  where = typeof source === "string" ? source : "weights",
  wanted: Wanted = {},
  limits?: ReadLimits,
  companions: Companions = {},
): Promise<WeightFile> {
  let bytes: Uint8Array;
  try {
    bytes = typeof source === "string" ? await readBytes(source, limits) : source;
  } catch (error) {
    const { modelInFolder } = await import("./archive.ts");
    const file = await modelInFolder(source as string, error, limits);
    return readWeightFile(file, file, wanted, limits);
  }
  const format = formats.find(({ reader, matches }) => reader && matches?.(bytes, where));
  if (!format?.reader) {
    throw new WeightsError({
      where,
      found: bytes.length === 0 ? "an empty file" : "a file of no format this package reads",
      expected: formats.flatMap(({ reader, title }) => (reader ? [title] : [])).join(", "),
      hint: "is it cut short, or an error page?",
    });
  }
  if (wanted.stateDict !== undefined && !/^(pytorch|archive|safetensors)$/.test(format.name)) {
    throw new OptionError({ where, found: `option stateDict for ${format.title}`, expected: "a PyTorch checkpoint" });
  }
  if (wanted.output !== undefined && !/^(onnx|keras|keras-h5|tflite|tfjs-layers|archive)$/.test(format.name)) {
    throw new OptionError({
      where,
      found: `option output for ${format.title}`,
      expected: "a file with several results",
    });
  }
  const read = typeof source === "string" ? companionsOf(source, limits) : amongGiven(companions);
  const file = await (await format.reader())(bytes, where, read, wanted);
  // Over the network, looking for labels would cost one more request for each model without any.
  const beside = typeof source === "string" && isLocal(source) ? read : undefined;
  // Our own files have the rest.
  if (file.preprocessing?.resize && (file.labels || !beside)) return file;
  const { complete } = await import("./complete.ts");
  return complete(file, format.name, where, beside);
}

function companionsOf(file: string, limits: ReadLimits | undefined): ReadCompanion {
  return async (path) => {
    // Models of a single file, which most are, do not need it.
    const { companionOf } = await import("./companion.ts");
    const companion = companionOf(file, path);
    if (companion !== undefined) return readCompanion(companion, file, limits);
    const expected = "a file in the folder of the model, or below it";
    throw new WeightsError({ where: file, found: `a companion at ${show(path)}`, expected });
  };
}

function amongGiven(companions: Companions): ReadCompanion {
  return async (path) => {
    const found = Object.hasOwn(companions, path) ? companions[path] : undefined;
    if (found instanceof Uint8Array) return found;
    if (found) return new Uint8Array(await found.arrayBuffer());
    const hint = "give its path or URL instead, or the option companions";
    throw new WeightsError({ where: path, found: "a companion of a file that was given as bytes", hint });
  };
}
