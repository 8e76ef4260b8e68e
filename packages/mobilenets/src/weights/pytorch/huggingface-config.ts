import { WeightsError } from "../../errors.ts";
import { torchvisionFit } from "../../image/pipelines.ts";
import type { Preprocessing, Resize } from "../../image/preprocessing.ts";
import { show } from "../../show.ts";
import type { JsonObject } from "../containers/json.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import type { ReadCompanion } from "../format.ts";

/** The relevant content of the files beside a transformers model. */
export interface HuggingFaceConfig {
  readonly preprocessing: Partial<Preprocessing>;
  readonly labels?: readonly string[];
  /** Size of the pictures. */
  readonly size?: readonly [height: number, width: number];
}

/** Most bytes of a file. Labels of 21,000 classes, by number and by name, take less than 3 MB. */
const MAX_BYTES = 6_000_000;

/** Pillow's numbers for its filters. */
const FILTERS: readonly Resize[] = [
  "pillow-nearest",
  "pillow-lanczos",
  "pillow-bilinear",
  "pillow-bicubic",
  "pillow-box",
  "pillow-hamming",
];

/**
 * Reads `config.json` and `preprocessor_config.json` of transformers' MobileNetV1 and V2. Without them, the defaults of
 * their image processors apply: the shorter side to 256 by Pillow's bilinear filter, the middle 224 x 224, -1 to 1.
 *
 * @throws WeightsError for a model that does not pad or normalise as Google's do
 */
export async function readHuggingFaceConfig(where: string, readCompanion: ReadCompanion): Promise<HuggingFaceConfig> {
  const config = await readJson("config.json", readCompanion);
  const processor = await readJson("preprocessor_config.json", readCompanion);
  const refuse = (found: string, expected: string): never => {
    const hint = "export it to ONNX, which describes the whole model";
    throw new WeightsError({ where: `${where}: config.json`, found, expected, hint });
  };
  const { tf_padding, layer_norm_eps, hidden_act, output_stride } = config;
  if (tf_padding === false) refuse("tf_padding false", "true, as Google's networks are");
  if (layer_norm_eps !== undefined && layer_norm_eps !== 1e-3) refuse(`layer_norm_eps ${layer_norm_eps}`, "0.001");
  if (hidden_act !== undefined && hidden_act !== "relu6") refuse(`hidden_act ${show(hidden_act)}`, "relu6");
  if (output_stride !== undefined && output_stride !== 32) refuse(`output_stride ${output_stride}`, "32");
  return { ...fitOf(processor), labels: labelsOf(config.id2label) };
}

async function readJson(name: string, readCompanion: ReadCompanion): Promise<JsonObject> {
  try {
    const bytes = await readCompanion(name);
    if (bytes.length > MAX_BYTES) return {};
    const json = parseStrictJson(new TextDecoder().decode(bytes), 16);
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as JsonObject) : {};
  } catch {
    // Most weights have no such file, and folders have files of these names for many purposes.
    return {};
  }
}

/** The preprocessing of an image processor; missing fields have its defaults. */
function fitOf(config: JsonObject): Pick<HuggingFaceConfig, "preprocessing" | "size"> {
  const { size, crop_size, resample, do_center_crop = true, image_mean, image_std } = config;
  const { shortest_edge, height, width } = (
    typeof size === "number" ? { shortest_edge: size } : (size ?? {})
  ) as JsonObject;
  const crop = (
    typeof crop_size === "number" ? { height: crop_size, width: crop_size } : (crop_size ?? {})
  ) as JsonObject;
  const statistics = { mean: scaled(image_mean), std: scaled(image_std) };
  const known = Object.fromEntries(Object.entries(statistics).filter(([, values]) => values !== undefined));
  const resize = FILTERS[resample as number] ?? torchvisionFit.resize;
  const whole = isSize(height) && isSize(width) && do_center_crop === false;
  if (whole) return { preprocessing: { ...known, crop: "squash", cropFraction: 1, resize }, size: [height, width] };
  const side = isSize(crop.height) && crop.height === crop.width ? crop.height : 224;
  const edge = isSize(shortest_edge) ? shortest_edge : 256;
  return {
    preprocessing: { ...known, crop: "center", cropFraction: Math.min(1, side / edge), resize },
    size: [side, side],
  };
}

const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) > 0;

/** Converts statistics from samples 0 to 1 to samples 0 to 255. */
function scaled(values: unknown): readonly number[] | undefined {
  const list = typeof values === "number" ? [values, values, values] : values;
  const right =
    Array.isArray(list) && list.length === 3 && list.every((n) => typeof n === "number" && Number.isFinite(n));
  return right ? list.map((n: number) => n * 255) : undefined;
}

/** Labels from `{ "0": "tench", ... }` with all classes; undefined if they are only numbers. */
function labelsOf(names: unknown): readonly string[] | undefined {
  if (typeof names !== "object" || names === null) return undefined;
  const list = Object.keys(names).map((_, i) => (names as JsonObject)[String(i)]);
  const all = list.every((name) => typeof name === "string") && !list.every((name, i) => name === `LABEL_${i}`);
  return all ? (list as string[]) : undefined;
}
