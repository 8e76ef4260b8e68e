import { readFile } from "node:fs/promises";
import { OptionError } from "mobilenets";

/**
 * The object in a JSON file that a run of ours wrote, which a full disk or a hand may have changed.
 * @param hint what to do with it
 * @throws OptionError for what is no object, naming the file
 */
export async function readJsonObject(path: string, hint: string): Promise<Readonly<Record<string, unknown>>> {
  return parseJsonObject(await readFile(path, "utf8"), path, hint);
}

/** @throws OptionError for text that is no object in JSON */
export function parseJsonObject(text: string, where: string, hint: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OptionError({ where, found: "no JSON", expected: "what a run has written", hint }, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OptionError({ where, found: text.slice(0, 40), expected: "an object, as a run has written it", hint });
}
