import { type Command, Option } from "commander";
import type { Crop } from "mobilenets";
import { groups, inGroup } from "../help/groups.ts";
import { toInteger } from "../numbers.ts";
import { namedPreprocessing, type PreprocessingSpec, toPreprocessing } from "../preprocessing-spec.ts";
import { suggest } from "../suggest.ts";
import {
  DEFAULT_MAX_MB,
  DEFAULT_MAX_MEGAPIXELS,
  DEFAULT_MEMORY_MB,
  DEFAULT_TIMEOUT_SECONDS,
  type LimitFlags,
} from "./limits.ts";

/** Flags for preparing pictures for the network, as commander parses them. */
export interface PreprocessingFlags {
  readonly crop?: Crop;
  readonly preprocessing?: PreprocessingSpec;
}

/** Flags for reading and preparing pictures, as commander parses them. */
export interface PictureFlags extends PreprocessingFlags, LimitFlags {}

export function addPreprocessingOptions(command: Command): Command {
  const names = Object.keys(namedPreprocessing);
  const spec = new Option(
    "--preprocessing <spec>",
    `a name: ${names.join(", ")}; settings as in crop=squash,mean=127.5,std=127.5; or a JSON file (default: as the weights ask)`,
  );
  return inGroup(command, groups.pictures, () =>
    command
      .addOption(
        new Option("--crop <how>", "fit pictures to the input (default: as the weights ask)").choices([
          "center",
          "squash",
          "pad",
          "aspect",
        ]),
      )
      .addOption(suggest(spec.argParser(toPreprocessing), names, { files: true })),
  );
}

/** Adds the limits for reading pictures. */
export function addLimitOptions(command: Command): Command {
  return inGroup(command, groups.pictures, () =>
    command
      .option(
        "--max-mb <n>",
        "most megabytes of a picture's file, of standard input or of a URL",
        toInteger(1),
        DEFAULT_MAX_MB,
      )
      .option("--max-megapixels <n>", "most megapixels of a decoded picture", toInteger(1), DEFAULT_MAX_MEGAPIXELS)
      .option("--memory-mb <n>", "most megabytes of pictures read ahead", toInteger(1), DEFAULT_MEMORY_MB)
      .option("--timeout <seconds>", "most seconds for a URL, in all", toInteger(1), DEFAULT_TIMEOUT_SECONDS)
      .option("--allow-private", "fetch from this machine and inner networks as well"),
  );
}
