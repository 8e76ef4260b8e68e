// Reads the metadata of Teachable Machine's exports.
import { WeightsError } from "../errors.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { JsonObject } from "./containers/json.ts";
import { parseStrictJson } from "./containers/strict-json.ts";
import type { ReadCompanion } from "./format.ts";
import type { Metadata } from "./metadata.ts";

/** Most bytes of `metadata.json`, which has some hundred and the labels. */
const MAX_BYTES = 1_000_000;
const MAX_DEPTH = 64;

/** Reads the `metadata.json` beside a model, if there is one. */
export async function metadataBeside(readCompanion: ReadCompanion): Promise<JsonObject | undefined> {
  try {
    const bytes = await readCompanion("metadata.json");
    if (bytes.length > MAX_BYTES) return undefined;
    const metadata = parseStrictJson(new TextDecoder().decode(bytes), MAX_DEPTH);
    return typeof metadata === "object" && metadata !== null ? (metadata as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Labels and preprocessing of Teachable Machine's image models; undefined for any other `metadata.json`. Training uses the
 * middle square of each picture, whose samples become `x / 127 - 1` (`capture` of @teachablemachine/image 0.8.5).
 */
export function imageModel(metadata: JsonObject | undefined): Pick<Metadata, "labels" | "preprocessing"> | undefined {
  const { tmVersion, labels, grayscale } = metadata ?? {};
  const named = Array.isArray(labels) && labels.every((label) => typeof label === "string");
  const samples = grayscale === true ? [127] : [127, 127, 127];
  const preprocessing = { crop: "center", cropFraction: 1, mean: samples, std: samples } as const;
  return tmVersion !== undefined && named ? { labels, preprocessing } : undefined;
}

/**
 * Refuses models of sounds and poses, which are TensorFlow.js models too, but do not take pictures.
 * @throws WeightsError with the kind of model
 */
export function refuseOthers(metadata: JsonObject | undefined, where: string): void {
  const { packageName, modelSettings, wordLabels, tfjsSpeechCommandsVersion } = metadata ?? {};
  const isPose = `${packageName}`.endsWith("/pose") || Object.hasOwn(Object(modelSettings), "posenet");
  const isSound = Array.isArray(wordLabels) || tfjsSpeechCommandsVersion !== undefined;
  if (!isPose && !isSound) return;
  const [kind, runner] = isPose
    ? ["poses", "@teachablemachine/pose"]
    : ["sounds", "@tensorflow-models/speech-commands"];
  throw new WeightsError({
    where,
    found: `a model of ${kind} that Teachable Machine has exported`,
    expected: "one of images",
    hint: `${runner} runs it; this library is for pictures`,
  });
}

/** File names of its Keras and TFLite exports. */
const EXPORTED = /(^|[/\\ ])(keras_model\.h5|model_unquant\.tflite|model\.tflite)$/;

/**
 * The fit of its Keras and TFLite exports, from the Python code that it shows with them: `ImageOps.fit(image, (224, 224),
 * Image.Resampling.LANCZOS)`.
 * @param numbered whether the labels beside the model have numbers, as Teachable Machine writes them
 */
export function exportedFit(where: string, numbered: boolean): Partial<Preprocessing> | undefined {
  if (!numbered || !EXPORTED.test(where)) return undefined;
  return { crop: "center", cropFraction: 1, resize: "pillow-lanczos" };
}
