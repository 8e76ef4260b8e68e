import { readFileSync, statSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { type Crop, OptionError, type Preprocessing } from "mobilenets";
import { didYouMean } from "mobilenets/graph";
import { isResize, pipelines, resizes } from "mobilenets/weights";

/** The settings of `--preprocessing`, which change the network's. Sizes only have to agree with the network's. */
export interface PreprocessingSpec extends Partial<Omit<Preprocessing, "mean" | "std">> {
  /** One number for all channels, or one per channel. */
  readonly mean?: number | readonly number[];
  readonly std?: number | readonly number[];
}

/**
 * Named preprocessing: pipelines of Python libraries, and input ranges of networks. A sample x, 0 to 255, becomes
 * (x - mean) / std.
 */
export const namedPreprocessing: Readonly<Record<string, PreprocessingSpec>> = {
  /** -1 to 1: V1 and V2 of Keras, most networks of Google. */
  signed: { mean: 127.5, std: 127.5 },
  /** 0 to 1. */
  unit: { mean: 0, std: 255 },
  /** 0 to 255: networks that rescale inside, such as V3 of Keras. */
  raw: { mean: 0, std: 1 },
  /** ImageNet's mean and standard deviation: torchvision, most of timm. */
  imagenet: { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  ...pipelines,
};

const CROPS: readonly Crop[] = ["center", "squash", "pad", "aspect"];
const SHORT = "crop=squash,mean=127.5,std=127.5";

type Check = readonly [ok: (value: unknown) => boolean, expected: string];

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isSize: Check = [(value) => Number.isInteger(value) && Number(value) > 0, "a positive integer"];
const each = (value: unknown, ok: (x: number) => boolean) =>
  [value].flat().length > 0 && [value].flat().every((x) => isNumber(x) && ok(x));

const fields: Readonly<Record<keyof Preprocessing, Check>> = {
  crop: [(value) => CROPS.includes(value as Crop), CROPS.join(", ")],
  cropFraction: [(value) => isNumber(value) && value > 0 && value <= 1, "a number in (0, 1]"],
  resize: [isResize, resizes.join(", ")],
  mean: [(value) => each(value, () => true), "a number, or one for each channel"],
  std: [(value) => each(value, (x) => x > 0), "a number above 0, or one for each channel"],
  height: isSize,
  width: isSize,
  channels: [(value) => value === 1 || value === 3, "1 or 3"],
};

/**
 * Reads the value of `--preprocessing`: names and settings with commas between them, as in `signed,crop=squash`, with
 * colons between the numbers of channels, as in `mean=123.7:116.3:103.5`; or JSON, as text or in a file.
 */
export function toPreprocessing(text: string): PreprocessingSpec {
  if (text.trimStart().startsWith("{")) return fromJson(text, "the text");
  const items = text.split(",").map((item) => item.trim());
  const [first] = items;
  if (items.length === 1 && !first.includes("=") && !Object.hasOwn(namedPreprocessing, first)) return fromFile(first);
  return Object.assign({}, ...items.map(fromItem)) as PreprocessingSpec;
}

function fromItem(item: string): PreprocessingSpec {
  if (Object.hasOwn(namedPreprocessing, item)) return namedPreprocessing[item];
  const [key, ...rest] = item.split("=");
  if (rest.length === 0) throw unknownName(item);
  return checked({ [key.trim()]: settingOf(rest.join("=").trim()) });
}

function settingOf(text: string): unknown {
  const numbers = text.split(":").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.some(Number.isNaN)) return text;
  return numbers.length === 1 ? numbers[0] : numbers;
}

function fromFile(path: string): PreprocessingSpec {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw unknownName(path);
  return fromJson(readFileSync(path, "utf8"), path);
}

function unknownName(name: string): InvalidArgumentError {
  const names = Object.keys(namedPreprocessing);
  const hint = didYouMean(name, names);
  const expected = `Expected one of ${names.join(", ")}, settings as in ${SHORT}, or a JSON file`;
  return new InvalidArgumentError(hint === undefined ? `${expected}.` : `${expected}: ${hint}`);
}

function fromJson(text: string, where: string): PreprocessingSpec {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`Expected JSON: ${where} is not.`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return checked({ ...value });
  throw new InvalidArgumentError(`Expected an object of settings in ${where}.`);
}

function checked(settings: Readonly<Record<string, unknown>>): PreprocessingSpec {
  for (const [key, value] of Object.entries(settings)) {
    if (!Object.hasOwn(fields, key)) {
      const names = Object.keys(fields);
      const hint = didYouMean(key, names);
      throw new InvalidArgumentError(`"${key}" is no setting: ${hint ?? `expected one of ${names.join(", ")}`}`);
    }
    const [ok, expected] = fields[key as keyof Preprocessing];
    if (!ok(value)) throw new InvalidArgumentError(`${key} is ${JSON.stringify(value)}, expected ${expected}.`);
  }
  return settings as PreprocessingSpec;
}

/**
 * Changes the preprocessing of a network's weights by the flags. `--crop` overrides the crop of a spec.
 * @throws OptionError if the spec is for another input size, or another number of channels
 */
export function resolvePreprocessing(
  asked: Preprocessing,
  { crop, preprocessing: spec = {} }: { readonly crop?: Crop; readonly preprocessing?: PreprocessingSpec },
): Preprocessing {
  const where = "--preprocessing";
  for (const key of ["height", "width", "channels"] as const) {
    if (spec[key] === undefined || spec[key] === asked[key]) continue;
    const hint = "--size and --channels shape the network's input";
    throw new OptionError({ where, found: `${key} ${spec[key]}`, expected: `${asked[key]}, the network's`, hint });
  }
  const perChannel = (key: "mean" | "std"): readonly number[] => {
    const value = spec[key] ?? asked[key];
    if (typeof value === "number") return Array<number>(asked.channels).fill(value);
    if (value.length === asked.channels) return value;
    const expected = `${asked.channels} for the channels of the network, or one for all`;
    throw new OptionError({ where, found: `${value.length} numbers of ${key}`, expected });
  };
  const { mean: _mean, std: _std, ...rest } = spec;
  return { ...asked, ...rest, mean: perChannel("mean"), std: perChannel("std"), ...(crop && { crop }) };
}
