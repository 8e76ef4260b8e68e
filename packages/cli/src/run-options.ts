import { type Command, Option } from "commander";
import { type Crop, engineNames, type NetworkName, networkNames } from "mobilenets";
import { addNetworkOptions, type NetworkFlags } from "./network-options.ts";
import { toInteger, toThreads } from "./numbers.ts";
import { weightsNames } from "./weights-names.ts";

/** The options of every command that runs a model. */
export interface RunFlags extends NetworkFlags {
  readonly network?: NetworkName;
  readonly weights?: string;
  readonly seed?: number;
  readonly engine?: string;
  readonly threads?: "auto" | number;
  readonly crop?: Crop;
}

export function addRunOptions(command: Command): Command {
  const names = weightsNames.join(", ");
  return addNetworkOptions(
    command
      .addOption(new Option("--network <name>", "not needed where the weight file names it").choices(networkNames))
      .option("--weights <source>", `a file (safetensors, TensorFlow.js model.json), or a name: ${names}, random`)
      .option("--seed <n>", "for --weights random (default: 0)", toInteger(0)),
  )
    .option("--engine <name>", `one of ${engineNames.join(", ")} (default: auto)`)
    .option("--threads <n>", "a number or auto (default: auto)", toThreads)
    .addOption(
      new Option("--crop <how>", "fit pictures to the input (default: as the weights ask)").choices([
        "center",
        "squash",
        "pad",
      ]),
    );
}
