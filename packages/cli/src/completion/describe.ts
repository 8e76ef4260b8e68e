import type { Command, Option } from "commander";
import { kindOf, type ValueKind } from "../suggest.ts";

/** A word that can be typed, with what it is for. */
export interface Word {
  readonly name: string;
  readonly description: string;
}

export interface OptionEntry extends ValueKind {
  /** As typed: `-h`, `--help`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Whether a value follows, of the kind that this entry is. */
  readonly takesValue: boolean;
}

/** A command with what can follow it. */
export interface CommandEntry {
  /** From the root's subcommand on: `weights list`; empty for the root. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly OptionEntry[];
  /** What its arguments may be, all together. */
  readonly argument: ValueKind;
}

/** All commands of a command line, the root first: what completion scripts are made of. */
export function describe(command: Command, path = ""): CommandEntry[] {
  const help = command.createHelp();
  const kinds = command.registeredArguments.map(kindOf);
  const values = kinds.flatMap((kind) => kind.values ?? []);
  const entry: CommandEntry = {
    path,
    commands: help
      .visibleCommands(command)
      .map((sub) => ({ name: sub.name(), description: sub.summary() || shortened(sub.description()) })),
    options: help.visibleOptions(command).map(optionEntry),
    argument: { values: values.length > 0 ? values : undefined, files: kinds.some(({ files }) => files) },
  };
  return [entry, ...command.commands.flatMap((sub) => describe(sub, `${path} ${sub.name()}`.trimStart()))];
}

function optionEntry(option: Option): OptionEntry {
  const takesValue = option.required || option.optional;
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: shortened(option.description),
    takesValue,
    ...(takesValue ? kindOf(option) : { files: false }),
  };
}

/** The first sentence, without what stands in brackets: menus have room for a line. */
function shortened(text: string): string {
  return text.split(/\. (?=[A-Z])| \(/)[0].replace(/\.$/, "");
}
