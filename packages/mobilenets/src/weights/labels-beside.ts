import { parseStrictJson } from "./containers/strict-json.ts";
import { unzip } from "./containers/zip.ts";
import type { ReadCompanion } from "./format.ts";
import { labelLines } from "./label-lines.ts";
import type { WeightFile } from "./weight-file.ts";

/** Most bytes of a file. Labels of 21,000 classes take less than 1 MB. */
const MAX_BYTES = 2_000_000;

/** Class names, and whether each followed its number. */
export interface LabelList {
  readonly labels: readonly string[];
  readonly numbered: boolean;
}

/**
 * Reads the labels beside a model: `labels.txt`, with one name per line, or Teachable Machine's `metadata.json`.
 * @returns undefined if there is neither, or the number of names does not fit
 */
export async function labelsBeside(file: WeightFile, read: ReadCompanion): Promise<LabelList | undefined> {
  for (const name of ["labels.txt", "metadata.json"]) {
    const list = await readLabels(name, read);
    if (list && fits(file, list.labels)) return list;
  }
  return undefined;
}

/** Reads labels that TensorFlow's metadata writer appends to a TFLite model, in a zip archive. */
export async function packedLabels(bytes: Uint8Array, classes: number): Promise<readonly string[] | undefined> {
  try {
    const entries = await unzip(bytes, "labels", (name) => name.endsWith(".txt"));
    return [...entries.values()]
      .map((content) => labelLines(new TextDecoder("utf-8", { fatal: true }).decode(content)))
      .find(({ length }) => length === classes);
  } catch {
    return undefined;
  }
}

/** Whether there are as many names as classes; one output may have two classes. */
export function fits(file: WeightFile, labels: readonly string[]): boolean {
  try {
    const classes = classesOf(file);
    return labels.length === classes || (classes === 1 && labels.length === 2);
  } catch {
    // The reader reports a graph that cannot be built.
    return false;
  }
}

async function readLabels(name: string, read: ReadCompanion): Promise<LabelList | undefined> {
  try {
    const bytes = await read(name);
    if (bytes.length > MAX_BYTES) return undefined;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (name.endsWith(".txt")) return listOf(text);
    const { labels } = parseStrictJson(text, 8) as { readonly labels?: unknown };
    const named = Array.isArray(labels) && labels.every((label) => typeof label === "string");
    return named ? { labels, numbered: false } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads one name per line; Teachable Machine writes a number before each: `0 Cat`. */
function listOf(text: string): LabelList {
  const labels = labelLines(text);
  return { labels, numbered: text.startsWith("0 ") && !labels[0]?.startsWith("0 ") };
}

function classesOf({ graph, options }: WeightFile): number | undefined {
  if (options?.includeTop === false) return undefined;
  const shape = graph?.nodes.find(({ name }) => name === graph.outputs[0])?.shape;
  return shape ? (shape.length === 2 ? shape[1] : undefined) : options?.classes;
}
