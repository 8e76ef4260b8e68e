import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError } from "mobilenets";
import { isPictureName } from "../../pictures/other-formats.ts";

/** What the parts of a dataset are called, best first. */
const TRAIN = ["train", "training", "trn", "训练", "tr"];
const VALIDATION = [
  ...["val", "valid", "validation", "validate", "dev", "eval", "holdout", "验证", "va", "vl"],
  ...["test", "testing", "tst", "测试", "te", "ts"],
];
/** Languages are called so too. */
const SHORT = ["tr", "va", "vl", "te", "ts"];

/** A folder that keeps pictures apart from what else a dataset has, and what that is called. */
const PICTURES = /^(images?|imgs?|pictures?|photos?|jpegimages|jpe?gs?|pngs?)$/i;
const BESIDE =
  /^(labels?|annotations?|annots?|masks?|boxes|bboxes|xmls?|jsons?|txts?|csvs?|meta(data)?|imagesets|docs?|scripts?|src|code|models?|notebooks?|weights)$/i;

/** Folders of a dataset that comes in parts, each with the same class folders. */
export interface SplitFolders {
  readonly train: string;
  /** Undefined where there is none: then some of `train` is to be kept. */
  readonly validation?: string;
  /** Names of further folders, which are left alone. */
  readonly others: readonly string[];
}

/**
 * The parts of `root`, as ImageNet, Keras' tutorials, Roboflow and Kaggle lay datasets out: `train` and `val`, and perhaps
 * `test`; `training_set`, `train2017` and, of one kind, `seg_train` and `seg_test` are such names too. Each part holds class
 * folders, perhaps in a folder of its own. Other folders beside them are left alone if two parts have two classes in common;
 * else all folders are parts, since a class may be called `train`.
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
  // A class may be called `freight_train`, and another `freight_test`.
  if ((others.length > tests || train.rest !== "") && common < 2) return undefined;
  return { train: learned, validation: checked, others };
}

/** A folder named for a part: `seg_train_2` is the part `train` with `seg` beside it. */
interface Part {
  readonly folder: string;
  readonly part: string;
  readonly rest: string;
}

/** `Train_set` and `train2017` are `train`. */
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

/** The part that a folder of such a name holds: `train`, or what its pictures are called to validate with. */
export function partNamed(folder: string): string | undefined {
  const { part, rest } = partOf(folder);
  if (part === "" || rest !== "") return undefined;
  return TRAIN.includes(part) ? "train" : part;
}

/** Of parts, the one to validate with. */
export function validationOf(parts: readonly (string | undefined)[]): string | undefined {
  return VALIDATION.find((name) => parts.includes(name));
}

/** Folders that have the same words beside their part's. */
function groupsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const named = parts.filter(({ part, rest }) => part !== "" && rest !== "");
  return [...new Set(named.map(({ rest }) => rest))].map((rest) => named.filter((one) => one.rest === rest));
}

/** How many folders may lie around class folders. */
const MAX_WRAPPERS = 3;

/** The folder that a folder holds alone, if that one holds several: archives are unpacked into such. */
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

/** The one folder in a folder that pictures can lie in: alone, or beside what else datasets have. */
async function onlyIn(root: string): Promise<string | undefined> {
  const folders = await foldersIn(root);
  const [only, ...more] = folders.length > 1 ? folders.filter((name) => !BESIDE.test(name)) : folders;
  if (only === undefined || more.length > 0 || (folders.length > 1 && !PICTURES.test(only))) return undefined;
  return (await visibleIn(root)).some(isPictureName) ? undefined : only;
}

/** What parts of equal standing are called, for cross-validation. */
const FOLD = /^(cv|folds?|splits?|parts?|subsets?|batch|chunks?|shards?)[\W_]*\d+$|^\d+[\W_]*folds?$/i;

/**
 * Refuses folders that are certainly no classes, and do not say which part is to be learned from.
 * @throws OptionError for folds that hold the same class folders, and for parts and classes in one name, `train_cat`
 */
export async function checkClassFolders(root: string): Promise<void> {
  const folders = await foldersIn(root);
  const folds = folders.filter((name) => FOLD.test(name));
  const refuse = (found: string, expected: string, hint: string): never => {
    throw new OptionError({ where: root, found, expected, hint });
  };
  // Not looked into without need: a class may have a hundred thousand pictures.
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
