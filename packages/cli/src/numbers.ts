import { InvalidArgumentError } from "commander";

/** Parsers of option values for commander, which adds the option's name to their messages and exits with 2. */

export function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

export function toInteger(least: number, most?: number): (text: string) => number {
  const expected = most === undefined ? `>= ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = toNumber(text);
    if (!Number.isSafeInteger(value) || value < least || value > (most ?? value)) {
      throw new InvalidArgumentError(`Expected an integer ${expected}.`);
    }
    return value;
  };
}

/** `224`, or `HEIGHTxWIDTH` as in `192x256`. */
export function toSize(text: string): readonly [height: number, width: number] {
  const match = /^(\d+)(?:x(\d+))?$/.exec(text);
  if (!match) throw new InvalidArgumentError("Expected a size in pixels as N or HEIGHTxWIDTH.");
  return [Number(match[1]), Number(match[2] ?? match[1])];
}

/** `cuda,cpu` */
export function toNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("Expected names with commas between them.");
  return names;
}

export function toThreads(text: string): "auto" | number {
  return text === "auto" ? text : toInteger(1)(text);
}
