import { WeightsError } from "../../errors.ts";
import { type Crop, checkPreprocessing, type Preprocessing } from "../../image/preprocessing.ts";
import { isResize } from "../../image/resizes.ts";
import type { NetworkName } from "../../models/networks.ts";
import { show } from "../../show.ts";
import { asObject, type JsonObject } from "../containers/json.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import type { ReadCompanion } from "../format.ts";

/** What a timm model's `config.json` says beside its weights. */
export interface TimmConfig {
  readonly network: NetworkName;
  /** One of the `tf_` models, or built like them: TensorFlow's padding, and its epsilon. */
  readonly tensorflow: boolean;
  readonly preprocessing: Preprocessing;
  readonly labels?: readonly string[];
}

/** Label names of 21,000 classes take less than 1 MB. */
const MAX_BYTES = 4_000_000;

/** The networks by the names of their architectures in timm, a variant's `_100` behind. */
const networks: Readonly<Record<string, NetworkName>> = {
  mobilenetv1: "mobilenet_v1",
  mobilenetv2: "mobilenet_v2",
  mobilenetv3_small: "mobilenet_v3_small",
  mobilenetv3_large: "mobilenet_v3_large",
  efficientnet_lite0: "efficientnet_lite0",
};

/**
 * Reads the `config.json` that timm and the Hugging Face hub keep beside a model's weights.
 * @param weights names the weights in errors
 * @returns undefined where there is none, or one of another library or network
 * @throws WeightsError if it is timm's, but broken
 */
export async function readTimmConfig(weights: string, readCompanion: ReadCompanion): Promise<TimmConfig | undefined> {
  const where = `${weights}: config.json`;
  let json: JsonObject;
  try {
    const bytes = await readCompanion("config.json");
    if (bytes.length > MAX_BYTES) return undefined;
    json = asObject(parseStrictJson(new TextDecoder().decode(bytes), 16), where, "config.json");
  } catch {
    // Most weights come without, and folders hold files of this name for many purposes.
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

/** timm's statistics are for samples from 0 to 1, ours for 0 to 255. Its `border` crop is none of ours. */
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
    // timm takes bicubic where a model does not say; "random" is for training.
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

/** A list of names. timm also knows names by number, with gaps; those stay unread. */
function labelsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((label) => typeof label === "string") ? value : undefined;
}
