import { WeightsError } from "../../errors.ts";
import { type Crop, checkPreprocessing, type Preprocessing } from "../../image/preprocessing.ts";
import { isResize } from "../../image/resizes.ts";
import type { NetworkName } from "../../models/networks.ts";
import { show } from "../../show.ts";
import { asObject, type JsonObject } from "../containers/json.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import type { ReadCompanion } from "../format.ts";

/** The relevant content of a timm model's `config.json`. */
export interface TimmConfig {
  readonly network: NetworkName;
  /** Whether it is a `tf_` model, or built like one, with TensorFlow's padding and epsilon. */
  readonly tensorflow: boolean;
  readonly preprocessing: Preprocessing;
  readonly labels?: readonly string[];
}

/** Most bytes of the file. Labels of 21,000 classes take less than 1 MB. */
const MAX_BYTES = 4_000_000;

/** The networks by timm's architecture names, which a variant such as `_100` follows. */
const networks: Readonly<Record<string, NetworkName>> = {
  mobilenetv1: "mobilenet_v1",
  mobilenetv2: "mobilenet_v2",
  mobilenetv3_small: "mobilenet_v3_small",
  mobilenetv3_large: "mobilenet_v3_large",
  efficientnet_lite0: "efficientnet_lite0",
};

/**
 * Reads the `config.json` beside a model's weights, from timm or the Hugging Face hub.
 * @param weights names the weights in errors
 * @returns undefined if there is none, or it is for another library or network
 * @throws WeightsError if it is timm's, but invalid
 */
export async function readTimmConfig(weights: string, readCompanion: ReadCompanion): Promise<TimmConfig | undefined> {
  const where = `${weights}: config.json`;
  let json: JsonObject;
  try {
    const bytes = await readCompanion("config.json");
    if (bytes.length > MAX_BYTES) return undefined;
    json = asObject(parseStrictJson(new TextDecoder().decode(bytes), 16), where, "config.json");
  } catch {
    // Most weights have no such file, and folders have files of this name for many purposes.
    return undefined;
  }
  return parseTimmConfig(json, where);
}

/** @param where names the file in errors */
export function parseTimmConfig(json: JsonObject, where: string): TimmConfig | undefined {
  if (typeof json.architecture !== "string") return undefined;
  const [, ported, architecture = ""] = /^(tf_)?(.*)/.exec(json.architecture) ?? [];
  const name = Object.keys(networks).find((one) => `${architecture}_`.startsWith(`${one}_`));
  if (name === undefined) return undefined;
  // Older files have the fields of `pretrained_cfg` at the top.
  const config = json.pretrained_cfg === undefined ? json : asObject(json.pretrained_cfg, where, "pretrained_cfg");
  const args = json.model_args === undefined ? {} : asObject(json.model_args, where, "model_args");
  return {
    network: networks[name],
    tensorflow: ported !== undefined || args.pad_type === "same",
    preprocessing: preprocessingOf(config, where),
    labels: labelsOf(json.label_names ?? config.label_names),
  };
}

/** Converts timm's statistics for samples 0 to 1 to ours for 0 to 255. We do not have its `border` crop. */
function preprocessingOf(config: JsonObject, where: string): Preprocessing {
  const { input_size, crop_pct, crop_mode, interpolation, mean, std } = config;
  const filter = `pillow-${interpolation}`;
  const [channels, height, width] = listOf(input_size);
  const perChannel = (values: unknown) =>
    listOf(values)
      .slice(0, channels === 1 ? 1 : 3)
      .map((value) => Number(value) * 255);
  const preprocessing = {
    height,
    width,
    channels,
    crop: crop_mode === "squash" ? "squash" : ("center" satisfies Crop),
    cropFraction: crop_pct ?? 0.875,
    // timm's default is bicubic; "random" is for training.
    resize: isResize(filter) ? filter : "pillow-bicubic",
    mean: perChannel(mean),
    std: perChannel(std),
  };
  try {
    checkPreprocessing(preprocessing, where);
    return preprocessing;
  } catch (cause) {
    const found = show({ input_size, crop_pct, mean, std });
    throw new WeightsError({ where, found, expected: "the preprocessing of a timm model" }, { cause });
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A list of names. timm also has names by number, with gaps, which are not read. */
function labelsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((label) => typeof label === "string") ? value : undefined;
}
