import { type Command, Option } from "commander";

/** The option `--redis` of the queue's commands. */
export function redisOption(): Option {
  return new Option("--redis <url>", "address of a Redis or Valkey: redis://:password@host:6379/0").env(
    "MOBILENETS_REDIS",
  );
}

export function addQueueOptions(command: Command): Command {
  return command.option("--queue <name>", "name of the queue; each holds one run", "mobilenets");
}
