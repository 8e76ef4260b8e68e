import { type Command, Option } from "commander";
import { type Flavor, flavors, type ModelOptions } from "mobilenets";
import { groups, inGroup } from "./help/groups.ts";
import { toInteger, toNumber, toSize } from "./numbers.ts";

/** Flags that shape a network, as commander parses them. */
export interface NetworkFlags {
  readonly flavor?: Flavor;
  readonly alpha?: number;
  readonly size?: readonly [height: number, width: number];
  readonly channels?: "1" | "3";
  readonly classes?: number;
  readonly depthMultiplier?: number;
  readonly minimalistic?: true;
  /** False leaves the classifier out. A number is `classify --top`, which does not concern the network. */
  readonly top?: boolean | number;
  readonly pooling?: "avg" | "max";
}

/** @param heading of the options; with weights it tells the defaults, which are then not the library's */
export function addNetworkOptions(command: Command, heading: string = groups.shape): Command {
  const unless = (value: string | number) => (heading === groups.shape ? ` (default: ${value})` : "");
  return inGroup(command, heading, () =>
    command
      .addOption(
        new Option(
          "--flavor <name>",
          `whose definition of the network${unless("keras; tensorflow for efficientnet_lite0")}`,
        ).choices(flavors),
      )
      .option("--alpha <number>", `width multiplier, e.g. 0.25, 0.5, 0.75${unless(1)}`, toNumber)
      .option("--size <pixels>", `input size, N or HEIGHTxWIDTH, at least 32${unless(224)}`, toSize)
      .addOption(new Option("--channels <n>", `grey or RGB pictures${unless(3)}`).choices(["1", "3"]))
      .option("--classes <n>", `outputs of the classifier${unless(1000)}`, toInteger(1))
      .option("--depth-multiplier <n>", `V1: depthwise outputs per channel${unless(1)}`, toInteger(1))
      .option("--minimalistic", "V3, flavor keras: 3x3 kernels, ReLU, no squeeze-and-excite"),
  );
}

/** Adds the options of commands that work without a classifier. */
export function addTopOptions(command: Command): Command {
  const isShaped = command.options.some(({ helpGroupHeading }) => helpGroupHeading === groups.shape);
  return inGroup(command, isShaped ? groups.shape : groups.network, () =>
    command
      .option("--no-top", "leave the classifier out")
      .addOption(new Option("--pooling <kind>", "with --no-top: end in one vector").choices(["avg", "max"])),
  );
}

/** The model's options. Missing flags stay undefined, for the library's defaults or the weight file's record. */
export function modelOptions(flags: NetworkFlags): ModelOptions {
  const { flavor, alpha, classes, depthMultiplier, minimalistic, pooling } = flags;
  return {
    flavor,
    alpha,
    classes,
    depthMultiplier,
    minimalistic,
    pooling,
    includeTop: flags.top === false ? false : undefined,
    inputShape: inputShape(flags),
  };
}

/** The flags for these options: the inverse of `modelOptions`. */
export function networkFlags(options: ModelOptions): NetworkFlags {
  const { flavor, alpha, classes, depthMultiplier, minimalistic, pooling, includeTop, inputShape } = options;
  return {
    flavor,
    alpha,
    classes,
    depthMultiplier,
    minimalistic: minimalistic === true ? true : undefined,
    pooling: pooling ?? undefined,
    top: includeTop === false ? false : undefined,
    size: inputShape && [inputShape[0], inputShape[1]],
    channels: inputShape && (inputShape[2] === 1 ? "1" : "3"),
  };
}

function inputShape({ size, channels }: NetworkFlags): ModelOptions["inputShape"] {
  if (!size && !channels) return undefined;
  const [height, width] = size ?? [224, 224];
  return [height, width, Number(channels ?? 3)];
}
