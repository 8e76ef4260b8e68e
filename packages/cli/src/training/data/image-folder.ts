import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError, ReadError } from "mobilenets";
import type { Warn } from "mobilenets/train";
import { isPictureName, OtherFormats } from "../../pictures/other-formats.ts";
import { pictureNames } from "../../pictures/walk.ts";
import { type LeftOut, unreadable } from "../../pictures/watched-folders.ts";
import { composed, type FileDataset, fileDataset, type LabelledFile } from "./file-dataset.ts";

/** Options of a folder with a folder per class. */
export interface ImageFolderOptions {
  /** All classes in order, if already known. Folders of other names are an error. */
  readonly classes?: readonly string[];
  /** Called for folders and classes without pictures, and for pictures without a class. */
  readonly onWarning?: Warn;
}

/**
 * Opens a folder with a folder per class, which has the class's name, and pictures at any depth. Classes and pictures
 * are sorted by code unit. The extension tells a picture, as for `extract`. Hidden files and folders are left out.
 * Folders without pictures are no classes.
 * @throws OptionError for a missing folder, fewer than two classes (or one with `classes`), or a class that is not in
 *   `classes`; ReadError for an unreadable folder
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<FileDataset> {
  const { classes, onWarning } = options;
  const { folders, strays } = await look(root, onWarning);
  const leaveOut = ({ kind, error }: LeftOut) => {
    if (kind === "folder") throw error;
    onWarning?.(`left out: ${error.message}`);
  };
  const files: LabelledFile[] = [];
  const others = new OtherFormats();
  for (const name of folders) {
    const folder = join(root, name);
    for (const file of await pictureNames(folder, leaveOut, others)) {
      files.push({ id: `${name}/${file}`, path: join(folder, file), classes: [composed(name)] });
    }
  }
  if (others.message !== undefined) onWarning?.(`${root}: ${others.message}`);
  const present = new Set(files.flatMap((file) => file.classes));
  if (present.size < (classes ? 1 : 2)) throw tooFew(root, [...present], classes !== undefined);
  const dataset = fileDataset(files, root, classes);
  for (const name of new Set([...folders, ...dataset.classes])) {
    if (present.has(composed(name))) continue;
    const consequence = classes?.includes(name) ? "" : ", so it is not a class";
    onWarning?.(`${join(root, name)}: no pictures in it${consequence}`);
  }
  if (strays > 0) onWarning?.(`${root}: pictures outside of class folders are left out (${strays})`);
  return dataset;
}

/** Lists the folders directly in `root`, and counts the pictures beside them. */
async function look(root: string, onWarning?: Warn): Promise<{ folders: string[]; strays: number }> {
  const folders: string[] = [];
  let strays = 0;
  try {
    for (const name of (await readdir(root)).sort()) {
      // The second is what a Mac's archives have beside their folders.
      if (name.startsWith(".") || name === "__MACOSX") continue;
      // Unlike the directory entry, this follows links.
      const stats = await stat(join(root, name)).catch((error: NodeJS.ErrnoException) => {
        if (!LEADS_NOWHERE.includes(error.code)) throw unreadable(join(root, name), error).error;
      });
      if (stats?.isDirectory()) folders.push(name);
      else if (!stats && name.includes("\ufffd")) {
        onWarning?.(`left out: ${join(root, name)}: a name that is not UTF-8, expected UTF-8: rename it`);
      } else if (isPictureName(name)) strays++;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === "ENOENT" ? "no such folder" : code === "ENOTDIR" ? "not a folder" : undefined;
    if (found === undefined) throw error instanceof ReadError ? error : unreadable(root, error as Error).error;
    throw new OptionError({ where: root, found }, { cause: error });
  }
  return { folders, strays };
}

/** Error codes of broken links, and of names that are not UTF-8. */
const LEADS_NOWHERE: readonly (string | undefined)[] = ["ENOENT", "ENOTDIR", "ELOOP"];

function tooFew(root: string, present: readonly string[], settled: boolean): OptionError {
  const [only] = present;
  return new OptionError({
    where: root,
    found: only === undefined ? "no class folder with pictures" : `pictures of one class only, ${JSON.stringify(only)}`,
    expected: settled ? "a folder of pictures for each class" : "a folder of pictures for each of two classes or more",
    hint: `e.g. ${join(root, "cat", "1.jpg")}; a list of pictures and labels (.csv) names classes of pictures in any folder`,
  });
}
