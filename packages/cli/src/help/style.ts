import type { HelpConfiguration } from "commander";
import picocolors from "picocolors";

/** The style of the help. */

/** These always add colours. Commander removes them for a stream without colours. */
export const helpColors = picocolors.createColors(true);

const { bold, cyan, green } = helpColors;

export const helpStyle: HelpConfiguration = {
  // The arguments are only in the command's own help.
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

/** Adds the choices and the default in one pair of brackets. A description can have its own default. */
function explained(description: string, choices: readonly string[] = [], standard?: string): string {
  const [, text = description, own = standard] = /^(.*) \((default: .*)\)$/.exec(description) ?? [];
  const some = choices.length > 0 ? `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}` : undefined;
  const extra = [some, own].filter((part) => part !== undefined).join("; ");
  return extra === "" ? text : `${text} (${extra})`;
}
