import type { Command } from "commander";
import { OptionError } from "mobilenets";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { toInteger } from "../numbers.ts";
import { DEFAULT_BATCH } from "../pictures/infer.ts";
import type { RedisWorkerFlags } from "../queue/redis-worker.ts";
import { addQueueOptions, redisOption } from "../queue-options.ts";
import { threadsOption } from "../run-options.ts";

type WorkerFlags = Omit<RedisWorkerFlags, "redis"> & { readonly redis?: string; readonly stdio?: true };

/** Adds the command `worker`, which makes parts from the chunks of a queue or of standard input. */
export function addWorker(root: Command): void {
  const command = root
    .command("worker")
    .summary("make parts of chunks from a queue, or from standard input")
    .description("Make parts of chunks that `queue add` added to a queue, or printed.")
    .addOption(redisOption())
    .option("--stdio", "chunks as JSON lines on standard input, an answer for each on standard output");
  inGroup(command, "Queue:", () =>
    addQueueOptions(command)
      .option("--once", "end when the queue is empty")
      .option("--grace <s>", "seconds for finishing a chunk after SIGTERM; then it is given back", toInteger(0), 25)
      .option(
        "--stalled-after <s>",
        "seconds without a sign, after which another worker takes a chunk",
        toInteger(1),
        30,
      )
      .option("--max-stalled <n>", "how many workers may die of a chunk before it is dead", toInteger(0), 10),
  );
  inGroup(command, groups.running, () =>
    command
      .addOption(threadsOption("a number or auto (default: auto)"))
      .option("--batch-size <n>", "pictures per pass", toInteger(1), DEFAULT_BATCH)
      .option("--quiet", "only errors on stderr"),
  );
  command.addHelpText("after", help).action(work);
  addExamples(command, [
    ["mobilenets worker --redis redis://host:6379", "Work until it is told to stop"],
    ["mobilenets worker --redis redis://host:6379 --once --threads 2", "In two threads, until all is done"],
    ["mobilenets worker --stdio < chunks.jsonl", "What `queue add --print` printed"],
  ]);
}

const help = `
The chunks name the model and all settings that decide the numbers. SIGTERM ends it after the current chunk, even
without Redis. Otherwise, a worker waits for Redis.

Exit codes: 0 told to stop, or all is done, 1 a chunk failed (--stdio), Redis refuses the password, or this machine
cannot work on the run, 2 bad usage, 130 told to stop before all is done (--once, --stdio).`;

async function work(flags: WorkerFlags): Promise<void> {
  const { redis, stdio } = flags;
  if (stdio) return (await import("../queue/stdio-worker.ts")).workOnStdin(flags);
  if (redis === undefined) {
    throw new OptionError({ where: "worker", found: "no --redis", expected: "the address of a Redis, or --stdio" });
  }
  return (await import("../queue/redis-worker.ts")).workOnQueue({ ...flags, redis });
}
