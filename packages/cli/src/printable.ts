/** Control characters (a terminal acts on them), marks that turn the direction of text, and what breaks lines. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** A name as it can be printed on a terminal, whatever is in it: `cat\u{1b}[2J.jpg`. */
export function printable(name: string): string {
  return name.replace(unprintable, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}
