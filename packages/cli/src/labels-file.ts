import { type Model, OptionError, ReadError } from "mobilenets";
import { readFile } from "./pictures/read-file.ts";

/**
 * Reads class names in the order of a classifier's outputs: a name per line, or a JSON array of names.
 * @throws OptionError if the file cannot be read, or a name is missing
 */
export async function readLabels(path: string): Promise<readonly string[]> {
  const where = `--labels ${path}`;
  const bytes = await readFile(path).catch((error) => {
    if (error instanceof ReadError) throw new OptionError({ ...error, where }, { cause: error });
    throw error;
  });
  const text = new TextDecoder().decode(bytes);
  const labels = text.trimStart().startsWith("[") ? fromJson(text, where) : fromLines(text);
  const empty = labels.findIndex((label) => typeof label !== "string" || label.trim() === "");
  if (empty >= 0) {
    throw new OptionError({ where, found: `no name in place ${empty + 1}`, expected: "a name for each class" });
  }
  return labels as string[];
}

function fromJson(text: string, where: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[];
  } catch (cause) {
    throw new OptionError({ where, found: "no JSON", expected: "an array of names, or a name per line" }, { cause });
  }
}

function fromLines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
}

/**
 * @param labels undefined without `--labels`
 * @throws OptionError unless there is one label per output of the classifier
 */
export function checkLabels(labels: readonly string[] | undefined, file: string, model: Pick<Model, "program">): void {
  if (!labels) return;
  const { nodes, outputs, name } = model.program.graph;
  const { shape, op } = nodes.find((node) => node.name === outputs[0])!;
  const where = `--labels ${file}`;
  // A classifier ends in [n, classes]. A network without classifier ends in a map, or in a pooled map.
  const units = shape.length === 2 && !/^global_(average|max)_pooling2d$/.test(op) ? shape[1] : undefined;
  // One output is the probability of the only class, or of the second of two.
  const classes = units === 1 && labels.length === 2 ? 2 : units;
  if (classes === labels.length) return;
  throw new OptionError({
    where,
    found: labels.length === 1 ? "1 name" : `${labels.length} names`,
    expected: classes === undefined ? `none: ${name} has no classifier` : `${classes}, the classes of ${name}`,
    hint: classes === undefined ? undefined : "do labels and weights belong together?",
  });
}
