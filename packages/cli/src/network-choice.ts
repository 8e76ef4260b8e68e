import { Argument, InvalidArgumentError, Option } from "commander";
import { type NetworkName, networkNames, OptionError } from "mobilenets";
import { checkNetworkName } from "mobilenets/graph";

/** Checks a network's name like commander's choices, and adds the nearest name. */
function toNetwork(text: string): NetworkName {
  try {
    return checkNetworkName(text);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const hint = error.hint === undefined ? "" : ` D${error.hint.slice(1)}`;
    throw new InvalidArgumentError(`Allowed choices are ${networkNames.join(", ")}.${hint}`);
  }
}

export function networkOption(description: string): Option {
  return new Option("--network <name>", description).choices(networkNames).argParser(toNetwork);
}

/** An argument that is the path of a weight file. */
export interface WeightFilePath {
  readonly path: string;
}

/** An argument for a network's name or a file's path. A path has a dot or a slash. */
export function networkOrFileArgument(description: string): Argument {
  const toEither = (text: string): NetworkName | WeightFilePath =>
    /[./\\]/.test(text) ? { path: text } : toNetwork(text);
  return new Argument("<network>", description).choices(networkNames).argParser(toEither);
}

/** @param isOptional true if the command works without a network */
export function networkArgument(description: string, isOptional = false): Argument {
  return new Argument(isOptional ? "[network]" : "<network>", description).choices(networkNames).argParser(toNetwork);
}
