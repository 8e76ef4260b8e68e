import { Argument, InvalidArgumentError, Option } from "commander";
import { type NetworkName, networkNames, OptionError } from "mobilenets";
import { checkNetworkName } from "mobilenets/graph";

/** Commander's own check of choices, with a hint at the name that was likely meant. */
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

/** An argument that is no network's name. */
export interface WeightFilePath {
  readonly path: string;
}

/** A network's name, or what has the dot or the slash of a path. */
export function networkOrFileArgument(description: string): Argument {
  const toEither = (text: string): NetworkName | WeightFilePath =>
    /[./\\]/.test(text) ? { path: text } : toNetwork(text);
  return new Argument("<network>", description).choices(networkNames).argParser(toEither);
}

/** @param isOptional whether the command makes sense without a network */
export function networkArgument(description: string, isOptional = false): Argument {
  return new Argument(isOptional ? "[network]" : "<network>", description).choices(networkNames).argParser(toNetwork);
}
