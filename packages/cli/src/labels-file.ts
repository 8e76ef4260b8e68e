import { type Model, OptionError, ReadError } from "mobilenets";
import { labelLines } from "mobilenets/weights";
import { readFile } from "./pictures/read-file.ts";
import { textOf } from "./text-of.ts";

/**
 * Reads class names in the order of a classifier's outputs: a name per line, perhaps after its number, or JSON: an array of
 * names, or an object that numbers them, as `{"0": "cat"}`, `{"cat": 0}` or Keras' `{"0": ["n02123045", "cat"]}`.
 * @throws OptionError if the file cannot be read, or a name is missing
 */
export async function readLabels(path: string): Promise<readonly string[]> {
  const where = `--labels ${path}`;
  const bytes = await readFile(path).catch((error) => {
    if (error instanceof ReadError) throw new OptionError({ ...error, where }, { cause: error });
    throw error;
  });
  const text = textOf(bytes, where);
  const labels = /^\s*[[{]/.test(text) ? fromJson(text, where) : labelLines(text);
  if (labels.length === 0) throw new OptionError({ where, found: "no names", expected: "a name for each class" });
  const empty = labels.findIndex((label) => typeof label !== "string" || label.trim() === "");
  if (empty >= 0) {
    throw new OptionError({ where, found: `no name in place ${empty + 1}`, expected: "a name for each class" });
  }
  return labels as string[];
}

function fromJson(text: string, where: string): readonly unknown[] {
  let value: object;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OptionError({ where, found: "no JSON", expected: "an array of names, or a name per line" }, { cause });
  }
  if (Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const numbers = entries.every(([, one]) => typeof one === "number");
  const names = new Map(entries.map(([key, one]) => (numbers ? [one, key] : [Number(key), nameOf(one)])));
  return Array.from(entries, (_, i) => names.get(i));
}

/** Keras' index of ImageNet has a WordNet number before the name. */
const nameOf = (value: unknown) => (Array.isArray(value) ? value.at(-1) : value);

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
