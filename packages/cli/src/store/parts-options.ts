import { type Command, Option } from "commander";
import { toInteger } from "../numbers.ts";
import { DEFAULT_CHUNK } from "./chunks.ts";
import { vectorDtypes } from "./parquet/columns.ts";

/** Help text for the inputs of commands that make parts. */
export const INPUTS =
  "picture files, folders (searched at every depth), globs, http(s) and s3 addresses, lists (.jsonl, .csv), tar archives, or - for a list on standard input";

const DEFAULT_ARCHIVE_GB = 20;

/** Adds the options that decide the parts and their content. */
export function addPartsOptions(command: Command): Command {
  return command
    .addOption(new Option("--dtype <name>", "number format of the vectors (default: float32)").choices(vectorDtypes))
    .option("--chunk-size <n>", `most pictures in a part (default: ${DEFAULT_CHUNK})`, toInteger(1))
    .option("--top-k <n>", "also the best classes of each picture, and their probabilities", toInteger(1))
    .option("--full-decode", "decode JPEG files at their full size, even if a reduced size suffices")
    .option("--prune", "remove rows whose pictures are not among the inputs")
    .option("--retry-failed", "retry pictures that could not be read before")
    .option("--keep-going", "take pictures for failed, not the machine, if 100 in a row cannot be read")
    .option("--max-archive-gb <n>", "most gigabytes of an archive that is fetched", toInteger(1), DEFAULT_ARCHIVE_GB);
}
