import { didYouMean } from "../did-you-mean.ts";
import { OptionError } from "../errors.ts";
import { listNames, show } from "../show.ts";

/** Which of a file's results the model gives. */
export interface ChosenOutput {
  /** Its place among them. */
  readonly index: number;
  /** A note on the result that was taken, where there are several and the caller has chosen none. */
  readonly notes?: readonly string[];
}

/**
 * The result of a file that is asked for, else its first: a model here has one.
 * @param asked its name, or its place from 0
 * @throws OptionError for one that is not there
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
