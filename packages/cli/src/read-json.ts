import { readFile } from "node:fs/promises";
import { OptionError } from "mobilenets";

/**
 * Reads the object in a JSON file of a run. A full disk, or a user, may have damaged it.
 * @param hint what to do with a damaged file
 * @throws OptionError naming the file, if it is no JSON object
 */
export async function readJsonObject(path: string, hint: string): Promise<Readonly<Record<string, unknown>>> {
  return parseJsonObject(await readFile(path, "utf8"), path, hint);
}

/** @throws OptionError if the text is no JSON object */
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
