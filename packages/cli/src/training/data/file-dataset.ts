import { OptionError } from "mobilenets";
import type { Dataset, Example } from "mobilenets/train";
import { fileOpener } from "../../pictures/decode-file.ts";

/** A dataset of files, which other threads can open too. */
export interface FileDataset extends Dataset {
  /** One per example, absolute or relative to the working directory. */
  readonly paths: readonly string[];
}

/** A file with the names of its classes. */
export interface LabelledFile {
  /** See `Example`. */
  readonly id: string;
  readonly path: string;
  readonly classes: readonly string[];
}

/**
 * Class names are composed (NFC), so a name that a Mac wrote and the same name from another machine are one class.
 *
 * @param classes all classes, such as those of an evaluated network; default: those of the files, sorted by code unit
 * @throws OptionError if a file has another class
 */
export function fileDataset(files: readonly LabelledFile[], where: string, classes?: readonly string[]): FileDataset {
  const found = [...new Set(files.flatMap((file) => file.classes.map(composed)))].sort();
  const all = classes ?? found;
  const labels = new Map(all.map((name, label) => [composed(name), label]));
  const unknown = found.filter((name) => !labels.has(name));
  if (unknown.length > 0) {
    throw new OptionError({
      where,
      found: `${unknown.length === 1 ? "class" : "classes"} ${list(unknown)}`,
      expected: `only ${list(all)}`,
      hint: "do pictures and network belong together?",
    });
  }
  const paths = files.map(({ path }) => path);
  return {
    classes: all,
    examples: files.map(({ id, classes: names }): Example => {
      return { id, labels: [...new Set(names.map((name) => labels.get(composed(name))!))] };
    }),
    paths,
    picture: fileOpener(paths),
  };
}

export const composed = (name: string) => name.normalize("NFC");

/** The first few names, quoted. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(name));
  return names.length > shown.length ? `${shown.join(", ")} and ${names.length - shown.length} more` : shown.join(", ");
}
