import { didYouMean } from "./did-you-mean.ts";
import { OptionError } from "./errors.ts";
import { show } from "./show.ts";

/**
 * Refuses what JavaScript would pass over in silence: a misspelt option, or no object at all.
 * @param where the call: `load`
 * @param names all options it has
 */
export function checkOptions(where: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError({ where, found: `options ${kindOf(options)}`, expected: "an object" });
  }
  const unknown = Object.keys(options).find((key) => !names.includes(key));
  if (unknown === undefined) return;
  throw new OptionError({
    where,
    found: `option ${show(unknown)}`,
    expected: `one of ${names.join(", ")}`,
    hint: didYouMean(unknown, names),
  });
}

/** What a value is, for an error about it: `null`, `an array`, `a Date`, `"text"`, `7`. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "an object" : `a value of type ${tag}`;
}
