/** Control characters (a terminal acts on them), marks that turn the direction of text, and what breaks lines. */
const UNPRINTABLE = "\\p{Cc}\\p{Cs}\\u2028\\u2029\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069";
const inNames = new RegExp(`[${UNPRINTABLE}]`, "gu");
const inLines = new RegExp(`(?![\\n\\t])[${UNPRINTABLE}]`, "gu");
/** Of colours, as `terminal.ts` makes them. */
const COLOUR = "\u001b\\[[\\d;]*m";
const inOutput = new RegExp(`${COLOUR}|${inLines.source}`, "gu");

/** All of them have four hexadecimal digits, so that a JSON text stays one that says the same. */
const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A name as it can be printed on a terminal, whatever is in it, on one line: `cat\u001b[2J.jpg`. */
export function printable(name: string): string {
  return name.replace(inNames, escaped);
}

/** As `printable`, for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(inLines, escaped);
}

/** As `printableLines`, for text that has colours: the last guard, should a name have got into it as it was. */
export function printableOutput(text: string): string {
  return text.replace(inOutput, (c) => (c.length > 1 ? c : escaped(c)));
}
