import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { OptionError } from "mobilenets";
import { type Dataset, type Example, type Split, split, type Warn } from "mobilenets/train";
import type { FileDataset } from "./data/file-dataset.ts";
import { imageFolder } from "./data/image-folder.ts";
import { labelList } from "./data/label-list.ts";
import { splitFolders } from "./data/split-folders.ts";

/** A folder of class folders, or a list of files and labels: told by what is there. */
export async function openDataset(
  path: string,
  classes: readonly string[] | undefined,
  warn: Warn,
): Promise<FileDataset> {
  const isFile = (await stat(path).catch(() => undefined))?.isFile();
  return isFile ? labelList(path, classes) : imageFolder(path, { classes, onWarning: warn });
}

/** Pictures to learn from and pictures to check with. */
export interface TrainingSets {
  readonly train: FileDataset;
  readonly trainIndices: readonly number[];
  readonly validation: FileDataset;
  readonly validationIndices: readonly number[];
  /** Pictures with several labels, or none: if there are any, each class is a question of its own. */
  readonly unusual: readonly Example[];
}

export interface DataFlags {
  readonly val?: string;
  readonly valSplit?: number;
}

/**
 * Pictures to train and to validate with. A folder that comes in parts, `train` and `val`, is taken apart as it says,
 * unless the flags say otherwise.
 * @throws OptionError if the pictures cannot be trained with
 */
export async function openTrainingSets(data: string, flags: DataFlags, warn: Warn): Promise<TrainingSets> {
  if (flags.val !== undefined && flags.valSplit !== undefined) {
    throw new OptionError({ where: "--val-split", found: "--val as well", expected: "one of the two" });
  }
  const parts = await splitFolders(data);
  if (!parts) return openParts(data, flags, warn);
  const { train, validation, others } = parts;
  const val = flags.val ?? (flags.valSplit === undefined ? validation : undefined);
  const left = others.length > 0 ? `; not used: ${others.join(", ")}` : "";
  warn(`${data} comes in parts: training with ${train}${val === undefined ? "" : `, validating with ${val}`}${left}`);
  return openParts(train, { ...flags, val }, warn);
}

async function openParts(data: string, flags: DataFlags, warn: Warn): Promise<TrainingSets> {
  const train = await openDataset(data, undefined, warn);
  if (flags.val !== undefined) {
    const validation = await openDataset(flags.val, train.classes, warn);
    const sets = { train, validation, trainIndices: all(train), validationIndices: all(validation) };
    const without = unvalidatedOf(sets);
    if (without.length > 0)
      warn(`${flags.val}: no pictures of ${without.map((name) => JSON.stringify(name)).join(", ")}`);
    return { ...sets, unusual: [...unusualOf(train), ...unusualOf(validation)] };
  }
  const parts: Split = split(train, { validation: flags.valSplit, onWarning: warn });
  if (parts.validation.length === 0 && flags.valSplit !== 0) {
    warn(`none of ${train.examples.length} pictures falls into the validation part: epochs are not validated`);
  }
  return {
    train,
    trainIndices: parts.train,
    validation: train,
    validationIndices: parts.validation,
    unusual: unusualOf(train),
  };
}

/** Classes that are trained, but have no picture to validate with: an accuracy says nothing of them. */
export function unvalidatedOf({
  train,
  validation,
  validationIndices,
}: Pick<TrainingSets, "train" | "validation" | "validationIndices">): string[] {
  const seen = new Set(validationIndices.flatMap((i) => validation.examples[i].labels));
  return train.classes.filter((_, label) => !seen.has(label));
}

/** What `evaluate` looks at: of a folder that comes in parts, the one to validate with. */
export async function evaluatedPart(data: string, warn: Warn): Promise<string> {
  const parts = await splitFolders(data);
  if (parts?.validation === undefined) return parts?.train ?? data;
  warn(`${data} comes in parts: evaluating ${parts.validation}`);
  return parts.validation;
}

/** Tells one dataset from another: examples with their labels, and classes. Hexadecimal. */
export function fingerprintOf({ train, trainIndices, validation, validationIndices }: TrainingSets): string {
  const hash = createHash("sha256").update(JSON.stringify(train.classes));
  for (const [{ examples }, indices] of [
    [train, trainIndices],
    [validation, validationIndices],
  ] as const) {
    for (const i of indices) hash.update(JSON.stringify([examples[i].id, examples[i].labels]));
    hash.update("\n");
  }
  return hash.digest("hex");
}

/** Examples with several labels, or none. */
export function unusualOf({ examples }: Dataset): Example[] {
  return examples.filter(({ labels }) => labels.length !== 1);
}

function all({ examples }: Dataset): number[] {
  return [...examples.keys()];
}
