import { isLocal, readBytes } from "#platform";
import { WeightsError } from "../errors.ts";
import type { Model } from "../model.ts";
import { tensor } from "../tensor.ts";
import { asObject, type JsonObject } from "../weights/containers/json.ts";
import { parseStrictJson } from "../weights/containers/strict-json.ts";
import type { Samples } from "./bilinear.ts";
import type { Pixels } from "./pixels.ts";

/** Size limit of metadata: labels and a few facts are usually some hundred bytes. */
const MAX_BYTES = 1_000_000;
const MAX_DEPTH = 32;

/** Weights of a colour's grey in both libraries (`capture` of @teachablemachine/image 0.8.5). */
const GREY = [0.2989, 0.587, 0.114];

/** Resizes a picture to the input's size, as numbers from 0 to 255. */
export type Fit = (picture: Samples, size: { readonly height: number; readonly width: number }) => Float32Array;

/**
 * A model's probability for each class of one picture. Samples become `x / 127 - 1`, as in Teachable Machine and ml5;
 * 255 becomes a little more than 1.
 */
export async function probabilitiesOf(model: Model, pixels: Pixels, fit: Fit): Promise<Float32Array> {
  const { height, width, channels } = model.preprocessing;
  const fitted = fit({ ...pixels, channels: 3 }, { height, width });
  const input = tensor([1, height, width, channels]);
  for (let i = 0; i < height * width; i++) {
    if (channels === 3) for (let c = 0; c < 3; c++) input.data[3 * i + c] = fitted[3 * i + c] / 127 - 1;
    else input.data[i] = GREY.reduce((sum, share, c) => sum + share * fitted[3 * i + c], 0) / 127 - 1;
  }
  return (await model.predict(input)).data;
}

/** Number of a model's classes. */
export function classesOf({ program: { graph } }: Model): number {
  const shape = graph.nodes.find(({ name }) => name === graph.outputs[0])?.shape ?? [];
  return shape[shape.length - 1];
}

/**
 * A file's content, a JSON object.
 * @param name a Blob's name in errors
 * @throws WeightsError for anything else; ReadError where it cannot be read
 */
export async function readJson(file: string | URL | Blob, name = "metadata.json"): Promise<JsonObject> {
  const where = typeof file === "string" ? file : file instanceof URL ? file.href : name;
  const bytes = file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : await readBytes(where, LIMITS);
  try {
    return asObject(parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), MAX_DEPTH), where, "it");
  } catch (cause) {
    throw new WeightsError({ where, found: `no JSON object (${(cause as Error).message})` }, { cause });
  }
}

const LIMITS = { maxBytes: MAX_BYTES };

/**
 * Names of classes, checked.
 * @throws WeightsError for another number of names than the model has classes
 */
export function checkLabels(labels: unknown, model: Model, where: string): readonly string[] {
  const classes = classesOf(model);
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) {
    throw new WeightsError({ where, found: "no list of labels", expected: '"labels": ["Cat", "Dog"]' });
  }
  if (labels.length === classes) return labels;
  const expected = `${classes}, as many as the model has classes`;
  throw new WeightsError({ where, found: `${labels.length} labels`, expected, hint: "is it another model's file?" });
}

/**
 * Adds `model.json` to the address of a service's folder. Teachable Machine's address may lack its last slash. A folder
 * on a disk stays as it is, since its model may have another name.
 */
export function modelAddress(source: string): string {
  const folder = /^https:\/\/teachablemachine\.withgoogle\.com\/models\/[^/]+$/.test(source) ? `${source}/` : source;
  return folder.endsWith("/") && !isLocal(folder) ? `${folder}model.json` : folder;
}
