import { didYouMean } from "../did-you-mean.ts";
import { OptionError } from "../errors.ts";
import { listNames, show } from "../show.ts";

/** The output of a file that the model gives. */
export interface ChosenOutput {
  /** Index of the output. */
  readonly index: number;
  /** A note on the chosen output, if there are several and the caller did not choose. */
  readonly notes?: readonly string[];
}

/**
 * Chooses a file's output: the requested one, or the first. A model has one output.
 * @param asked name of the output, or its index from 0
 * @throws OptionError for an unknown output
 */
export function chosenOutput(
  names: readonly string[],
  asked: string | number | undefined,
  where: string,
): ChosenOutput {
  if (asked !== undefined) {
    const named = names.indexOf(String(asked));
    const index = named < 0 && /^\d+$/.test(String(asked)) ? Number(asked) : named;
    if (index >= 0 && index < names.length) return { index };
    const expected = names.length === 1 ? show(names[0]) : `one of ${listNames(names.map(show))}, or its number from 0`;
    const hint = didYouMean(String(asked), [...names]);
    throw new OptionError({ where, found: `no output ${show(asked)}`, expected, ...(hint && { hint }) });
  }
  if (names.length < 2) return { index: 0 };
  const note = `${show(names[0])} is taken of its ${names.length} outputs, ${listNames(names.map(show))}: option output chooses`;
  return { index: 0, notes: [note] };
}
