import type { Argument, Option } from "commander";

/** What can stand for a value on a command line, as far as it is known. */
export interface ValueKind {
  /** Undefined where nothing is known of the value, as for numbers. */
  readonly values?: readonly string[];
  /** Whether it may name a file or folder. */
  readonly files: boolean;
}

/**
 * Gives an option or argument values that shell completion offers, where the command takes others too: commander's own
 * choices would refuse those.
 */
export function suggest<T extends Option | Argument>(item: T, values: readonly string[], { files = false } = {}): T {
  return Object.assign(item, { suggestions: { values, files } });
}

/** What completion can offer: commander's choices, what `suggest` was given, or files where the name says so. */
export function kindOf(item: Option | Argument): ValueKind {
  if (item.argChoices) return { values: item.argChoices, files: false };
  const { suggestions } = item as { suggestions?: ValueKind };
  if (suggestions) return suggestions;
  // Arguments without a hint are files. Options have the name of their value in their flags.
  return { files: "flags" in item ? /<(file|dir|data)>/.test(item.flags) : true };
}
