import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError } from "mobilenets";
import type { Warn } from "mobilenets/train";
import { isPictureName, pictureNames } from "../../pictures/walk.ts";
import { type FileDataset, fileDataset, type LabelledFile } from "./file-dataset.ts";

export interface ImageFolderOptions {
  /** The classes there are, in their order, if they are settled already: folders must be among them. */
  readonly classes?: readonly string[];
  /** Told of folders and classes without pictures, and of pictures without a class. */
  readonly onWarning?: Warn;
}

/**
 * ImageFolder: a folder per class, named as the class, with pictures at any depth in it. Classes and pictures are sorted
 * by code unit. What is a picture is told by the name's ending, as by `extract`; hidden files and folders are left out,
 * and folders without pictures are no classes.
 * @throws OptionError if the folder cannot be read, there are not two classes (or one, if `classes` are given), or a
 *   class is not among those given
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<FileDataset> {
  const { classes, onWarning } = options;
  const { folders, strays } = await look(root);
  const files: LabelledFile[] = [];
  for (const name of folders) {
    const folder = join(root, name);
    for (const file of await pictureNames(folder)) {
      files.push({ id: `${name}/${file}`, path: join(folder, file), classes: [name] });
    }
  }
  const present = new Set(files.flatMap((file) => file.classes));
  if (present.size < (classes ? 1 : 2)) throw tooFew(root, [...present], classes !== undefined);
  const dataset = fileDataset(files, root, classes);
  for (const name of new Set([...folders, ...dataset.classes])) {
    if (present.has(name)) continue;
    const consequence = classes?.includes(name) ? "" : ", so it is not a class";
    onWarning?.(`${join(root, name)}: no pictures in it${consequence}`);
  }
  if (strays > 0) onWarning?.(`${root}: pictures outside of class folders are left out (${strays})`);
  return dataset;
}

/** The folders right in `root`, and how many pictures lie beside them. */
async function look(root: string): Promise<{ folders: string[]; strays: number }> {
  const folders: string[] = [];
  let strays = 0;
  try {
    for (const name of (await readdir(root)).sort()) {
      if (name.startsWith(".")) continue;
      // Unlike the directory entry, this follows links.
      if ((await stat(join(root, name)).catch(() => undefined))?.isDirectory()) folders.push(name);
      else if (isPictureName(name)) strays++;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === "ENOENT" ? "no such folder" : code === "ENOTDIR" ? "not a folder" : message;
    throw new OptionError({ where: root, found }, { cause: error });
  }
  return { folders, strays };
}

function tooFew(root: string, present: readonly string[], settled: boolean): OptionError {
  const [only] = present;
  return new OptionError({
    where: root,
    found: only === undefined ? "no class folder with pictures" : `pictures of one class only, ${JSON.stringify(only)}`,
    expected: settled ? "a folder of pictures for each class" : "a folder of pictures for each of two classes or more",
    hint: `e.g. ${join(root, "cat", "1.jpg")}`,
  });
}
