import type { Argument, Option } from "commander";

/** The known values of an option or argument. */
export interface ValueKind {
  /** Undefined if no values are known, as for numbers. */
  readonly values?: readonly string[];
  /** True if the value may be the path of a file or folder. */
  readonly files: boolean;
}

/**
 * Adds values for shell completion to an option or argument that also takes other values. Commander's choices would
 * refuse those.
 */
export function suggest<T extends Option | Argument>(item: T, values: readonly string[], { files = false } = {}): T {
  return Object.assign(item, { suggestions: { values, files } });
}

/** The values for completion: commander's choices, those of `suggest`, or files, by the name of the value. */
export function kindOf(item: Option | Argument): ValueKind {
  if (item.argChoices) return { values: item.argChoices, files: false };
  const { suggestions } = item as { suggestions?: ValueKind };
  if (suggestions) return suggestions;
  // Arguments without suggestions are files. The flags of an option contain the name of its value.
  return { files: "flags" in item ? /<(file|dir|data)>/.test(item.flags) : true };
}
