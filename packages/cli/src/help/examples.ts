import type { Command } from "commander";
import { helpColors } from "./style.ts";

/** A complete command line, and its purpose. */
export type Example = readonly [line: string, purpose: string];

/** Adds examples at the end of a command's help. */
export function addExamples(command: Command, examples: readonly [Example, Example, Example, ...Example[]]): Command {
  const { bold, dim } = helpColors;
  const texts = examples.map(([line, purpose]) => `  ${dim(`# ${purpose}`)}\n  ${line}`);
  return command.addHelpText("after", `\n${bold("Examples:")}\n${texts.join("\n")}`);
}
