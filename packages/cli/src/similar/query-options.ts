import { type Command, Option } from "commander";
import { groups, inGroup } from "../help/groups.ts";
import { toThreads } from "../numbers.ts";
import { addLimitOptions } from "../pictures/options.ts";
import { weightsSuggestions } from "../run-options.ts";
import { suggest } from "../suggest.ts";

/** Adds the options of commands that search a folder: for reading pictures, for the network, and for running. */
export function addQueryOptions(command: Command): void {
  const moved = "present place of the weights, if they have moved (default: as recorded)";
  const weights = new Option("--weights <source>", moved);
  addLimitOptions(command);
  inGroup(command, "Network, for pictures outside the folder:", () =>
    command
      .addOption(suggest(weights, weightsSuggestions, { files: true }))
      .option("--offline", "published weights from the cache only"),
  );
  inGroup(command, groups.running, () =>
    command
      .option("--threads <n>", "for the network: a number or auto (default: auto)", toThreads)
      .option("--quiet", "no progress on stderr"),
  );
}
