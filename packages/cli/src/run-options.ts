import { type Command, Option } from "commander";
import { engineNames, type NetworkName } from "mobilenets";
import { published } from "mobilenets/weights";
import { groups, inGroup } from "./help/groups.ts";
import { networkOption } from "./network-choice.ts";
import { addNetworkOptions, type NetworkFlags } from "./network-options.ts";
import { toInteger, toNames, toThreads } from "./numbers.ts";
import { addLimitOptions, addPreprocessingOptions, type PictureFlags } from "./pictures/options.ts";
import { suggest } from "./suggest.ts";
import { weightsNames } from "./weights-names.ts";

/** Flags of every command that runs a model. */
export interface RunFlags extends NetworkFlags, PictureFlags {
  readonly network?: NetworkName;
  readonly weights?: string;
  readonly labels?: string;
  readonly stateDict?: string;
  readonly modelOutput?: string;
  readonly seed?: number;
  readonly offline?: true;
  readonly engine?: string;
  readonly threads?: "auto" | number;
  readonly providers?: readonly string[];
}

/** Names that `--weights` takes: of installed weights, of published ones, and `random`. */
export const weightsSuggestions: readonly string[] = [
  "imagenet",
  ...weightsNames,
  "random",
  ...published.map(({ name }) => name),
];

/** The options that a command takes. */
export interface Takes {
  /** False if an argument names the weights. */
  readonly weights?: boolean;
  /** False for a command that reads no standard input and no URLs, so needs no limits. */
  readonly limits?: boolean;
}

/**
 * Adds the options of a command that loads a model, under their headings. The most common options have no heading, and
 * come in the help after those added before.
 */
export function addRunOptions(command: Command, { weights = true, limits = true }: Takes = {}): Command {
  if (weights) command.addOption(weightsOption());
  command.addOption(labelsOption());
  addPreprocessingOptions(command);
  if (limits) addLimitOptions(command);
  inGroup(command, groups.network, () =>
    command
      .addOption(networkOption("not needed where the weights name it"))
      .option("--state-dict <key>", "PyTorch checkpoints: which weights, e.g. state_dict_ema (default: the plain ones)")
      .option("--model-output <name>", "files with several results: which one, by name or number (default: the first)"),
  );
  addNetworkOptions(command, groups.network);
  return inGroup(command, groups.running, () =>
    command
      .option("--seed <n>", "for --weights random (default: 0)", toInteger(0))
      .option("--offline", "published weights from the cache only")
      .addOption(
        suggest(new Option("--engine <name>", `one of ${engineNames.join(", ")} (default: auto)`), engineNames),
      )
      .addOption(threadsOption("a number or auto (default: auto)"))
      .option("--providers <names>", "engine onnxruntime: its execution providers, best first: cuda,cpu", toNames),
  );
}

function weightsOption(): Option {
  const names = ["imagenet", ...weightsNames, "random"].join(", ");
  return suggest(
    new Option("--weights <source>", `a file, or a name: ${names}, one of \`weights list\` (default: imagenet)`),
    weightsSuggestions,
    { files: true },
  );
}

export function labelsOption(): Option {
  return new Option("--labels <file>", "class names: one per line, or a JSON array (default: those of the weights)");
}

export function threadsOption(description: string): Option {
  return suggest(new Option("--threads <n>", description).argParser(toThreads), ["auto"]);
}
