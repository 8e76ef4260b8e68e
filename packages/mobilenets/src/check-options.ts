import { didYouMean } from "./did-you-mean.ts";
import { OptionError } from "./errors.ts";
import { show } from "./show.ts";

/**
 * Refuses a misspelt option, or a value that is no object; JavaScript would ignore both silently.
 * @param where the function called, e.g. `load`
 * @param names all options of that function
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

/** Describes a value for an error message: `null`, `an array`, `a value of type Date`, `"text"`, `7`. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "an object" : `a value of type ${tag}`;
}
