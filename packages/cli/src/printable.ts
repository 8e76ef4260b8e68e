/** Escapes text for a terminal. */

/** Control characters, which a terminal acts on, marks that change the direction of text, and line breaks. */
const UNPRINTABLE = "\\p{Cc}\\p{Cs}\\u2028\\u2029\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069";
const inNames = new RegExp(`[${UNPRINTABLE}]`, "gu");
const inLines = new RegExp(`(?![\\n\\t])[${UNPRINTABLE}]`, "gu");
/** Escape sequences of the colours of `terminal.ts`. */
const COLOUR = "\u001b\\[[\\d;]*m";
const inOutput = new RegExp(`${COLOUR}|${inLines.source}`, "gu");

/** Escapes a character with four hexadecimal digits, so a JSON text keeps its meaning. */
const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Makes a name safe for one line of a terminal: `cat\u001b[2J.jpg`. */
export function printable(name: string): string {
  return name.replace(inNames, escaped);
}

/** Like `printable`, for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(inLines, escaped);
}

/** Like `printableLines`, for text with colours. This is the last guard against an unescaped name. */
export function printableOutput(text: string): string {
  return text.replace(inOutput, (c) => (c.length > 1 ? c : escaped(c)));
}
