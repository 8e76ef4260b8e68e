import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the parts of a dataset are called, best first. */
const TRAIN = ["train", "training"];
const VALIDATION = ["val", "valid", "validation", "dev", "test", "testing"];

/** Folders of a dataset that comes in parts, each with the same class folders. */
export interface SplitFolders {
  readonly train: string;
  readonly validation: string;
  /** Further parts, which are left alone. */
  readonly others: readonly string[];
}

/**
 * The parts of `root`, as ImageNet, Keras' tutorials and Kaggle lay datasets out: `train` and `val`, and perhaps `test`.
 * Undefined unless all of its folders are such parts, and each holds folders itself: a class may be called `train`.
 */
export async function splitFolders(root: string): Promise<SplitFolders | undefined> {
  const folders = await foldersIn(root);
  const called = (names: readonly string[]) =>
    names.flatMap((name) => folders.find((folder) => folder.toLowerCase() === name) ?? []);
  const [train] = called(TRAIN);
  const [validation, ...others] = called(VALIDATION);
  if (train === undefined || validation === undefined || folders.length !== others.length + 2) return undefined;
  for (const part of [train, validation]) {
    if ((await foldersIn(join(root, part))).length === 0) return undefined;
  }
  return { train: join(root, train), validation: join(root, validation), others };
}

async function foldersIn(root: string): Promise<string[]> {
  const names = (await readdir(root).catch(() => [])).filter((name) => !name.startsWith("."));
  const kinds = await Promise.all(names.map((name) => stat(join(root, name)).catch(() => undefined)));
  return names.filter((_, i) => kinds[i]?.isDirectory());
}
