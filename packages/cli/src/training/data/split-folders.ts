import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError } from "mobilenets";
import { isPictureName } from "../../pictures/other-formats.ts";

/** Finds the training and validation parts in the folders of a dataset. */

/** Folder names of a dataset's parts, best first. */
const TRAIN = ["train", "training", "trn", "训练", "tr"];
const VALIDATION = [
  ...["val", "valid", "validation", "validate", "dev", "eval", "holdout", "验证", "va", "vl"],
  ...["test", "testing", "tst", "测试", "te", "ts"],
];
/** Short names, which are also codes of languages. */
const SHORT = ["tr", "va", "vl", "te", "ts"];

/** Names of folders with pictures, and of folders with other files of a dataset. */
const PICTURES = /^(images?|imgs?|pictures?|photos?|jpegimages|jpe?gs?|pngs?)$/i;
const BESIDE =
  /^(labels?|annotations?|annots?|masks?|boxes|bboxes|xmls?|jsons?|txts?|csvs?|meta(data)?|imagesets|docs?|scripts?|src|code|models?|notebooks?|weights)$/i;

/** The folders of a dataset in parts, each with the same class folders. */
export interface SplitFolders {
  readonly train: string;
  /** Undefined if there is none. Then a share of `train` is for validation. */
  readonly validation?: string;
  /** Names of other folders, which are not used. */
  readonly others: readonly string[];
}

/**
 * Finds the parts of `root`, as in datasets of ImageNet, Keras' tutorials, Roboflow and Kaggle: `train` and `val`, and
 * possibly `test`. Names such as `training_set` and `train2017` also count, and `seg_train` with `seg_test`. Each part
 * holds class folders, possibly in another folder. Other folders beside the parts are allowed only if two parts have
 * two classes in common, because a class may be called `train`.
 */
export async function splitFolders(root: string): Promise<SplitFolders | undefined> {
  const folders = await foldersIn(root);
  const parts = folders.map(partOf);
  const called = (names: readonly string[], among: readonly Part[]) =>
    names.flatMap((name) => among.find(({ part }) => part === name) ?? []);
  const plain = parts.filter(({ rest }) => rest === "");
  for (const among of [plain, ...groupsOf(parts)]) {
    const [train] = called(TRAIN, among);
    if (train === undefined) continue;
    const [validation, ...tests] = called(VALIDATION, among);
    const others = folders.filter((folder) => folder !== train.folder && folder !== validation?.folder);
    const found = await partsOf(root, train, validation, tests.length, others);
    if (found) return found;
  }
  return undefined;
}

async function partsOf(
  root: string,
  train: Part,
  validation: Part | undefined,
  tests: number,
  others: readonly string[],
): Promise<SplitFolders | undefined> {
  const learned = await innermost(join(root, train.folder));
  const classes = await foldersIn(learned);
  if (validation === undefined) {
    return others.length === 0 && classes.length > 1 && train.rest === "" ? { train: learned, others } : undefined;
  }
  const checked = await innermost(join(root, validation.folder));
  const validated = await foldersIn(checked);
  if (classes.length === 0 || validated.length === 0) return undefined;
  const common = classes.filter((name) => validated.includes(name)).length;
  if (common < 2 && [train, validation].some(({ part }) => SHORT.includes(part))) return undefined;
  // Two classes may be called `freight_train` and `freight_test`.
  if ((others.length > tests || train.rest !== "") && common < 2) return undefined;
  return { train: learned, validation: checked, others };
}

/** A folder name with a part: `seg_train_2` is the part `train` with the rest `seg`. */
interface Part {
  readonly folder: string;
  readonly part: string;
  readonly rest: string;
}

/** Finds the part in a folder's name. `Train_set` and `train2017` are `train`. */
function partOf(folder: string): Part {
  const words = folder
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ")
    .toLowerCase()
    .replace(/(?<=\p{L})(set|data|images|imgs|split|集)$/u, "")
    .split(/[^\p{L}\p{N}]+|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u)
    .filter((word) => !/^(sets?|data|dataset|images?|imgs?|split|v|\d*)$/.test(word));
  const bare = words.map((word) => word.replace(/(?<=.)(set|data|集)$/, ""));
  const at = bare.findIndex((word) => TRAIN.includes(word) || VALIDATION.includes(word));
  return { folder, part: bare[at] ?? "", rest: bare.filter((_, i) => i !== at).join(" ") };
}

/** The part of a folder that has no other words in its name: `train`, or the name of a validation part. */
export function partNamed(folder: string): string | undefined {
  const { part, rest } = partOf(folder);
  if (part === "" || rest !== "") return undefined;
  return TRAIN.includes(part) ? "train" : part;
}

/** The best of these parts for validation. */
export function validationOf(parts: readonly (string | undefined)[]): string | undefined {
  return VALIDATION.find((name) => parts.includes(name));
}

/** Groups folders by the other words in their names. */
function groupsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const named = parts.filter(({ part, rest }) => part !== "" && rest !== "");
  return [...new Set(named.map(({ rest }) => rest))].map((rest) => named.filter((one) => one.rest === rest));
}

/** Most nested folders around the class folders. */
const MAX_WRAPPERS = 3;

/** Skips folders that hold one folder only, as unpacked archives have. Returns `root` if none holds several folders. */
export async function innermost(root: string): Promise<string> {
  let inner = root;
  for (let depth = 0; depth < MAX_WRAPPERS; depth++) {
    const only = await onlyIn(inner);
    if (only === undefined) break;
    inner = join(inner, only);
    if ((await foldersIn(inner)).length > 1) return inner;
  }
  return root;
}

/** The only folder in a folder that can have pictures: alone, or beside folders with other files of a dataset. */
async function onlyIn(root: string): Promise<string | undefined> {
  const folders = await foldersIn(root);
  const [only, ...more] = folders.length > 1 ? folders.filter((name) => !BESIDE.test(name)) : folders;
  if (only === undefined || more.length > 0 || (folders.length > 1 && !PICTURES.test(only))) return undefined;
  return (await visibleIn(root)).some(isPictureName) ? undefined : only;
}

/** Names of folds for cross-validation. */
const FOLD = /^(cv|folds?|splits?|parts?|subsets?|batch|chunks?|shards?)[\W_]*\d+$|^\d+[\W_]*folds?$/i;

/**
 * Refuses folders that are certainly no classes, and do not tell the training part.
 * @throws OptionError for folds with the same class folders, and for names with a part and a class, such as `train_cat`
 */
export async function checkClassFolders(root: string): Promise<void> {
  const folders = await foldersIn(root);
  const folds = folders.filter((name) => FOLD.test(name));
  const refuse = (found: string, expected: string, hint: string): never => {
    throw new OptionError({ where: root, found, expected, hint });
  };
  // The folders are read only if needed, as a class may have a hundred thousand pictures.
  const inside = (names: readonly string[]) => Promise.all(names.map((name) => foldersIn(join(root, name))));
  if (folds.length > 1 && folds.length === folders.length) {
    const [first, ...rest] = await inside(folds);
    const common = first.filter((name) => rest.every((names) => names.includes(name)));
    if (common.length > 1) {
      refuse(
        `folds ${folds.slice(0, 2).join(", ")} that each hold ${common.slice(0, 2).join(", ")}`,
        "a folder for each class, or parts called train and val",
        `train with one and validate with another: train ${join(root, folds[0])} --val ${join(root, folds[1])}`,
      );
    }
  }
  const groups = groupsOf(folders.map(partOf)).filter(
    (group) => group.some(({ part }) => TRAIN.includes(part)) && group.some(({ part }) => VALIDATION.includes(part)),
  );
  const grouped = groups.flat().map(({ folder }) => folder);
  if (groups.length > 1 && (await inside(grouped)).every((names) => names.length === 0)) {
    const [one, other] = groups[0].map(({ folder }) => folder);
    refuse(
      `folders ${one}, ${other} that are named for a part and a class at once`,
      "parts that hold class folders",
      `e.g. ${join(root, "train", groups[0][0].rest)} and ${join(root, "val", groups[0][0].rest)}`,
    );
  }
}

async function visibleIn(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  return names.filter((name) => !name.startsWith(".") && name !== "__MACOSX");
}

async function foldersIn(root: string): Promise<string[]> {
  const names = await visibleIn(root);
  const kinds = await Promise.all(names.map((name) => stat(join(root, name)).catch(() => undefined)));
  return names.filter((_, i) => kinds[i]?.isDirectory());
}
