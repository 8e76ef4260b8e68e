import { type Command, Option } from "commander";
import { type Crop, engineNames, type NetworkName } from "mobilenets";
import { networkOption } from "./network-choice.ts";
import { addNetworkOptions, type NetworkFlags } from "./network-options.ts";
import { toInteger, toNames, toThreads } from "./numbers.ts";
import { weightsNames } from "./weights-names.ts";

/** The options of every command that runs a model. */
export interface RunFlags extends NetworkFlags {
  readonly network?: NetworkName;
  readonly weights?: string;
  readonly seed?: number;
  readonly offline?: true;
  readonly engine?: string;
  readonly threads?: "auto" | number;
  readonly providers?: readonly string[];
  readonly crop?: Crop;
}

/** @param takes without `weights` where an argument names them */
export function addRunOptions(command: Command, takes: { weights: boolean } = { weights: true }): Command {
  command.addOption(networkOption("not needed where the weight file names it"));
  if (takes.weights) {
    const names = weightsNames.join(", ");
    command.option("--weights <source>", `a file, or a name: imagenet, ${names}, one of \`weights list\`, random`);
  }
  return addNetworkOptions(
    command
      .option("--offline", "published weights from the cache only")
      .option("--seed <n>", "for --weights random (default: 0)", toInteger(0)),
  )
    .option("--engine <name>", `one of ${engineNames.join(", ")} (default: auto)`)
    .option("--threads <n>", "a number or auto (default: auto)", toThreads)
    .option("--providers <names>", "engine onnxruntime: its execution providers, best first: cuda,cpu", toNames)
    .addOption(
      new Option("--crop <how>", "fit pictures to the input (default: as the weights ask)").choices([
        "center",
        "squash",
        "pad",
      ]),
    );
}
