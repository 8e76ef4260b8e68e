import type { Command, Option } from "commander";
import { kindOf, type ValueKind } from "../suggest.ts";

/** A word to complete, with its description. */
export interface Word {
  readonly name: string;
  readonly description: string;
}

export interface OptionEntry extends ValueKind {
  /** Such as `-h`, `--help`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** True if a value follows. The entry is then its kind. */
  readonly takesValue: boolean;
}

/** A command, and the words that can follow it. */
export interface CommandEntry {
  /** Names from below the root: `weights list`. Empty for the root. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly OptionEntry[];
  /** The kinds of all arguments together. */
  readonly argument: ValueKind;
}

/** Describes all commands for completion scripts, the root first. */
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

/** The first sentence, without brackets. Menus have room for one line. */
function shortened(text: string): string {
  return text.split(/\. (?=[A-Z])| \(/)[0].replace(/\.$/, "");
}
