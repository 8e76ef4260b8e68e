/** Most characters of a value in an error message. */
const LONGEST = 80;

/** A value of a file or a caller as JSON for an error message, with control characters escaped, cut to a length. */
export function show(value: unknown): string {
  // JSON turns NaN and the infinities into null.
  if (typeof value === "number") return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(typeof value === "string" ? value.slice(0, LONGEST) : value);
  } catch {
    // JSON has no form for a BigInt or an object that contains itself.
  }
  text ??= typeof value === "object" ? Object.prototype.toString.call(value) : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** At most five names and a count of the rest: `a, b, c, d, e and 7 more`. */
export function listNames(names: readonly string[]): string {
  const rest = names.length - 5;
  return names.slice(0, 5).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
