/** A value found in a file, as JSON for an error message: control characters escaped, clipped to 80 characters. */
export function show(value: unknown): string {
  const text = JSON.stringify(typeof value === "string" ? value.slice(0, 80) : value) ?? "undefined";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** At most five names and a count of the rest: `a, b, c, d, e and 7 more`. */
export function listNames(names: readonly string[]): string {
  const rest = names.length - 5;
  return names.slice(0, 5).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
