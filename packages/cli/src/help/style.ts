import type { HelpConfiguration } from "commander";
import picocolors from "picocolors";

/** Always coloured: commander takes colours out again where the stream does not show them. */
export const helpColors = picocolors.createColors(true);

const { bold, cyan, green } = helpColors;

export const helpStyle: HelpConfiguration = {
  // A command's own help has its arguments.
  subcommandTerm: (command) => command.name(),
  argumentDescription: ({ description, argChoices }) => explained(description, argChoices),
  optionDescription: ({ description, argChoices, defaultValue }) =>
    explained(description, argChoices, typeof defaultValue === "number" ? `default: ${defaultValue}` : undefined),
  styleTitle: bold,
  styleCommandText: bold,
  styleSubcommandText: green,
  styleOptionText: cyan,
  styleArgumentText: green,
};

/** What a value may be and what it is by default, in one pair of brackets; a description may have its own default. */
function explained(description: string, choices: readonly string[] = [], standard?: string): string {
  const [, text = description, own = standard] = /^(.*) \((default: .*)\)$/.exec(description) ?? [];
  const some = choices.length > 0 ? `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}` : undefined;
  const extra = [some, own].filter((part) => part !== undefined).join("; ");
  return extra === "" ? text : `${text} (${extra})`;
}
