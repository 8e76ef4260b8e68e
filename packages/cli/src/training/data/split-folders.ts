import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the parts of a dataset are called, best first. */
const TRAIN = ["train", "training"];
const VALIDATION = ["val", "valid", "validation", "dev", "eval", "test", "testing"];

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
 * `test`; `training_set` and `train2017` are such names too. Each part holds class folders. Other folders beside them are
 * left alone if two parts have two classes in common; else all folders are parts, since a class may be called `train`.
 */
export async function splitFolders(root: string): Promise<SplitFolders | undefined> {
  const folders = await foldersIn(root);
  const called = (names: readonly string[]) =>
    names.flatMap((name) => folders.find((folder) => partOf(folder) === name) ?? []);
  const [train] = called(TRAIN);
  if (train === undefined) return undefined;
  const classes = await foldersIn(join(root, train));
  const [validation, ...tests] = called(VALIDATION);
  const others = folders.filter((folder) => folder !== train && folder !== validation);
  if (validation === undefined) {
    return others.length === 0 && classes.length > 1 ? { train: join(root, train), others } : undefined;
  }
  const validated = await foldersIn(join(root, validation));
  if (classes.length === 0 || validated.length === 0) return undefined;
  const common = classes.filter((name) => validated.includes(name)).length;
  if (others.length > tests.length && common < 2) return undefined;
  return { train: join(root, train), validation: join(root, validation), others };
}

/** `Train_set` and `train2017` are `train`. */
function partOf(folder: string): string {
  return folder.toLowerCase().replace(/[-_ ]?(set|data|images|imgs|split|\d+)$/, "");
}

async function foldersIn(root: string): Promise<string[]> {
  const names = (await readdir(root).catch(() => [])).filter((name) => !name.startsWith("."));
  const kinds = await Promise.all(names.map((name) => stat(join(root, name)).catch(() => undefined)));
  return names.filter((_, i) => kinds[i]?.isDirectory());
}
