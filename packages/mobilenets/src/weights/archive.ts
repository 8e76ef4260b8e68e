import { readBytes } from "#platform";
import { WeightsError } from "../errors.ts";
import { ReadError } from "../platform/platform.ts";
import type { ReadLimits } from "../platform/request-watch.ts";
import { listNames, show } from "../show.ts";
import { complete } from "./complete.ts";
import { unzip } from "./containers/zip.ts";
import { entriesOf } from "./containers/zip-directory.ts";
import type { Format, ReadCompanion, Reader } from "./format.ts";
import { formats } from "./formats.ts";
import type { WeightFile } from "./weight-file.ts";

/** File names of a model in a folder or a zip archive, the most likely first. */
const MODELS: readonly string[] = [
  "model.json",
  "model.keras",
  "keras_model.keras",
  "keras_model.h5",
  "model.h5",
  "model.safetensors",
  "model_unquant.tflite",
  "model.tflite",
  "model.onnx",
  "pytorch_model.bin",
  "model.pth",
  "model.pt",
];

/** TensorFlow's file name for the graph of a SavedModel. */
const SAVED_MODEL = "saved_model.pb";

/**
 * Reads the model in a zip archive, such as Teachable Machine exports: TensorFlow.js, Keras or TFLite, with its labels.
 * @throws WeightsError for an archive without a model, or with several
 */
export const readArchive: Reader = async (bytes, where, _readCompanion, wanted): Promise<WeightFile> => {
  if (bytes[0] !== "P".charCodeAt(0))
    throw savedModel(where.slice(0, Math.max(0, where.length - SAVED_MODEL.length - 1)) || ".");
  const names = [...entriesOf(bytes, where)].map(({ name }) => name);
  if (names.some((name) => baseOf(name) === SAVED_MODEL)) throw savedModel(where);
  const models = names.filter(
    (name) => /\.(keras|h5|tflite|onnx|safetensors|pth|pt)$/.test(name) || baseOf(name) === "model.json",
  );
  const [model, ...others] = models.filter((name) => !/^__MACOSX\//.test(name));
  if (!model || others.length > 0) {
    const found = model
      ? `several models (${listNames(models)})`
      : `an archive of ${listNames(names.map(show)) || "nothing"}`;
    throw new WeightsError({ where, found, expected: "one model: model.json, .keras, .h5, .tflite, ..." });
  }
  const folder = model.slice(0, model.length - baseOf(model).length);
  const entries = await unzip(bytes, where, (name) => name.startsWith(folder));
  const companion: ReadCompanion = async (path) => {
    const content = entries.get(`${folder}${path}`);
    if (content) return content;
    throw new WeightsError({ where, found: `no ${show(`${folder}${path}`)} in the archive` });
  };
  const content = entries.get(model) as Uint8Array;
  const here = `${where}: ${model}`;
  const format = formatOf(content, here);
  if (!format?.reader) throw new WeightsError({ where: here, found: "a file of no format this package reads" });
  return complete(await (await format.reader())(content, here, companion, wanted), format.name, model, companion);
};

const baseOf = (name: string) => name.slice(name.lastIndexOf("/") + 1);

const formatOf = (bytes: Uint8Array, where: string): Format | undefined =>
  formats.find(({ name, reader, matches }) => name !== "archive" && reader && matches?.(bytes, where));

/**
 * The path of the model in a folder.
 * @param error the error of reading the folder as a file; thrown again if it is no folder
 * @throws WeightsError for a folder without a model, and for a SavedModel, with the command that converts it
 */
export async function modelInFolder(folder: string, error: unknown, limits?: ReadLimits): Promise<string> {
  if (!(error instanceof ReadError) || error.found !== "a folder") throw error;
  const exists = (path: string) =>
    readBytes(path, limits).then(
      () => true,
      () => false,
    );
  const base = folder.replace(/[/\\]+$/, "");
  for (const name of MODELS) if (await exists(`${base}/${name}`)) return `${base}/${name}`;
  if (await exists(`${base}/${SAVED_MODEL}`)) throw savedModel(base);
  throw new WeightsError({
    where: folder,
    found: "a folder without a model",
    expected: MODELS.join(", "),
    hint: "name the model's file in it",
  });
}

/** The error for TensorFlow's own format, which is a program; one command converts it to TFLite. */
export function savedModel(folder: string): WeightsError {
  const python = `import tensorflow as tf; open("model.tflite", "wb").write(tf.lite.TFLiteConverter.from_saved_model("${folder}").convert())`;
  return new WeightsError({
    where: folder,
    found: "a SavedModel of TensorFlow's",
    expected: "a model of TensorFlow.js, Keras or TFLite",
    hint: `python -c '${python}'`,
  });
}
