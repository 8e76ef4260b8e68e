import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { OptionError } from "mobilenets";
import { type Dataset, type Example, type Split, split, type Warn } from "mobilenets/train";
import type { Part } from "./data/csv-header.ts";
import type { FileDataset } from "./data/file-dataset.ts";
import { imageFolder } from "./data/image-folder.ts";
import { labelList, partsOfList } from "./data/label-list.ts";
import { checkClassFolders, innermost, partNamed, splitFolders, validationOf } from "./data/split-folders.ts";

/** Opens a folder of class folders, or a list of files and labels. */
export async function openDataset(
  path: string,
  classes: readonly string[] | undefined,
  warn: Warn,
  part?: Part,
): Promise<FileDataset> {
  return (await isFile(path)) ? labelList(path, classes, part) : imageFolder(path, { classes, onWarning: warn });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** The folder, or the only folder in it with all pictures. */
async function unwrapped(data: string, warn: Warn): Promise<string> {
  const inner = await innermost(data);
  if (inner !== data) warn(`${data} holds one folder of pictures: ${inner} is taken`);
  return inner;
}

/** Finds the validation part of a list, else its test part. Undefined if the list has no training part. */
async function listParts(data: string): Promise<{ readonly validation?: Part } | undefined> {
  const parts = (await isFile(data)) ? await partsOfList(data) : new Set();
  if (!parts.has("train")) return undefined;
  return { validation: parts.has("validation") ? "validation" : parts.has("test") ? "test" : undefined };
}

/** The training and validation pictures. */
export interface TrainingSets {
  readonly train: FileDataset;
  readonly trainIndices: readonly number[];
  readonly validation: FileDataset;
  readonly validationIndices: readonly number[];
  /** Pictures with several labels, or none. If there are any, training is multi-label. */
  readonly unusual: readonly Example[];
}

export interface DataFlags {
  readonly val?: string;
  readonly valSplit?: number;
}

/**
 * Opens the training and validation pictures. A folder with the parts `train` and `val` is used in these parts, unless
 * the flags say otherwise.
 * @throws OptionError for data that cannot be used for training
 */
export async function openTrainingSets(data: string, flags: DataFlags, warn: Warn): Promise<TrainingSets> {
  const sets = await openSets(data, flags, warn);
  const { classes, examples } = sets.train;
  const alike = namesAlike(classes);
  if (alike) warn(`${data}: ${alike} are two classes, as large and small letters tell them apart`);
  if (classes.length > 2 && classes.length === examples.length) {
    warn(`${data}: each of ${classes.length} classes has one picture: are these names of classes?`);
  }
  return sets;
}

/** The first two names that differ in large and small letters alone. */
function namesAlike(classes: readonly string[]): string | undefined {
  const seen = new Map<string, string>();
  for (const name of classes) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) return `${JSON.stringify(other)} and ${JSON.stringify(name)}`;
    seen.set(name.toLowerCase(), name);
  }
  return undefined;
}

async function openSets(data: string, flags: DataFlags, warn: Warn): Promise<TrainingSets> {
  if (flags.val !== undefined && flags.valSplit !== undefined) {
    throw new OptionError({ where: "--val-split", found: "--val as well", expected: "one of the two" });
  }
  const listed = await listParts(data);
  if (listed) return openListed(data, listed.validation, flags, warn);
  const folder = await unwrapped(data, warn);
  const parts = await splitFolders(folder);
  if (!parts) {
    await checkClassFolders(folder);
    return openParts(folder, flags, warn);
  }
  const { train, validation, others } = parts;
  const val = flags.val ?? (flags.valSplit === undefined ? validation : undefined);
  const left = others.length > 0 ? `; not used: ${others.join(", ")}` : "";
  warn(`${data} comes in parts: training with ${train}${val === undefined ? "" : `, validating with ${val}`}${left}`);
  return openParts(train, { ...flags, val }, warn);
}

/** Opens a list with a column for the part. */
async function openListed(data: string, part: Part | undefined, flags: DataFlags, warn: Warn): Promise<TrainingSets> {
  const checked = flags.val === undefined && flags.valSplit === undefined ? part : undefined;
  const how = checked === undefined ? "" : `, validating with those of ${checked}`;
  warn(`${data} says which part its rows are in: training with those of train${how}`);
  if (checked === undefined) return openParts(data, flags, warn, "train");
  const train = await labelList(data, undefined, "train");
  return given(train, await labelList(data, train.classes, checked), data, warn);
}

/** Combines separate training and validation pictures. */
function given(train: FileDataset, validation: FileDataset, where: string, warn: Warn): TrainingSets {
  const sets = { train, validation, trainIndices: all(train), validationIndices: all(validation) };
  const without = unvalidatedOf(sets);
  if (without.length > 0) warn(`${where}: no pictures of ${without.map((name) => JSON.stringify(name)).join(", ")}`);
  return { ...sets, unusual: [...unusualOf(train), ...unusualOf(validation)] };
}

async function openParts(data: string, flags: DataFlags, warn: Warn, part?: Part): Promise<TrainingSets> {
  const train = await openDataset(data, undefined, warn, part);
  if (flags.val !== undefined) {
    const validation = await openDataset(flags.val, train.classes, warn);
    return given(train, validation, flags.val, warn);
  }
  const within = flags.valSplit === undefined && part === undefined ? partsWithin(train) : undefined;
  if (within) {
    warn(`${data} comes in parts inside of its classes: training with train, validating with ${within.called}`);
    const { trainIndices, validationIndices } = within;
    return { train, trainIndices, validation: train, validationIndices, unusual: unusualOf(train) };
  }
  if (!(await isFile(data))) tellNested(data, train, warn);
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

/** Warns of the class that pictures get if all lie in folders inside the class folders. */
function tellNested(data: string, { examples }: FileDataset, warn: Warn): void {
  const folders = examples.map(({ id }) => id.split("/").slice(0, -1));
  if (folders.some(({ length }) => length < 2)) return;
  const [[outer, inner]] = folders;
  const example = `${outer}/${inner} is of the class ${JSON.stringify(outer)}`;
  warn(`${data}: pictures lie in folders inside of class folders, and the outer ones name the classes: ${example}`);
}

/** Finds the parts inside the class folders. Undefined unless all pictures have a part, and both parts all classes. */
function partsWithin({ classes, examples }: FileDataset) {
  const parts = examples.map(({ id }) => partNamed(id.split("/").slice(1, -1)[0] ?? ""));
  const called = validationOf(parts);
  const of = (wanted: string) => parts.flatMap((part, i) => (part === wanted ? [i] : []));
  const complete = (indices: readonly number[]) =>
    new Set(indices.flatMap((i) => examples[i]!.labels)).size === classes.length;
  if (called === undefined || parts.some((part) => part === undefined)) return undefined;
  const [trainIndices, validationIndices] = [of("train"), of(called)];
  return complete(trainIndices) && complete(validationIndices)
    ? { trainIndices, validationIndices, called }
    : undefined;
}

/** Classes without validation pictures. The accuracy does not cover them. */
export function unvalidatedOf({
  train,
  validation,
  validationIndices,
}: Pick<TrainingSets, "train" | "validation" | "validationIndices">): string[] {
  const seen = new Set(validationIndices.flatMap((i) => validation.examples[i].labels));
  return train.classes.filter((_, label) => !seen.has(label));
}

/** The folder that `evaluate` uses: the validation part of a folder in parts. */
export async function evaluatedPart(data: string, warn: Warn): Promise<string> {
  const parts = await splitFolders(await unwrapped(data, warn));
  if (parts?.validation === undefined) return parts?.train ?? (await innermost(data));
  warn(`${data} comes in parts: evaluating ${parts.validation}`);
  return parts.validation;
}

/** Hash of a dataset's examples, labels and classes, hexadecimal. */
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
