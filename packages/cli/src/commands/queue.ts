import type { Command } from "commander";
import { OptionError } from "mobilenets";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { addTopOptions } from "../network-options.ts";
import { toInteger } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { DEFAULT_BATCH } from "../pictures/infer.ts";
import { printable } from "../printable.ts";
import type { QueueFlags } from "../queue/connection.ts";
import type { QueueStatus } from "../queue/status.ts";
import { addQueueOptions, redisOption } from "../queue-options.ts";
import { addRunOptions } from "../run-options.ts";
import { addPartsOptions, INPUTS } from "../store/parts-options.ts";
import type { PartsFlags } from "../store/to-parts.ts";
import { grouped } from "../table.ts";

interface AddFlags extends PartsFlags, Omit<QueueFlags, "redis"> {
  readonly redis?: string;
  readonly print?: true;
  readonly attempts: number;
  readonly json?: true;
}

interface AskFlags extends QueueFlags {
  readonly json?: true;
}

/** Adds the command `queue`, which distributes chunks of pictures to many machines through Redis. */
export function addQueue(root: Command): void {
  const queue = root
    .command("queue")
    .summary("extract on many machines: chunks of pictures in a queue of Redis")
    .description(
      "Extract on many machines: chunks of pictures wait in a queue of Redis, and workers make parts of them.",
    )
    .optionsGroup("Help:");
  addExamples(queue, [
    ["mobilenets queue add photos --out store --redis redis://host:6379", "Add the parts that the folder lacks"],
    ["mobilenets queue status --redis redis://host:6379", "How far is it?"],
    ["mobilenets queue retry --redis redis://host:6379", "Retry chunks that failed for good"],
  ]);
  addAdd(queue);
  addStatus(queue);
  addRetry(queue);
  addDrain(queue);
}

function addAdd(queue: Command): void {
  const command = queue
    .command("add")
    .summary("add the parts that a folder lacks")
    .description(
      "Add the parts that a folder lacks to the queue. The parts are those that `extract` makes; added twice, they are there once.",
    )
    .argument("<inputs...>", INPUTS)
    .requiredOption("--out <dir>", "where the parts go; made if missing, and seen by all workers under the same path")
    .addOption(redisOption())
    .option("--print", "print the chunks as JSON lines for `worker --stdio` instead")
    .option("--layer <name>", "an inner layer's result instead of the embedding; maps are averaged over the picture")
    .option("--json", "print one JSON object at the end");
  inGroup(command, "Queue:", () =>
    addQueueOptions(command).option("--attempts <n>", "tries of a chunk", toInteger(1), 5),
  );
  inGroup(command, "Parts:", () => addPartsOptions(command));
  addTopOptions(addRunOptions(command));
  inGroup(command, groups.running, () =>
    command.option("--batch-size <n>", "pictures per pass", toInteger(1), DEFAULT_BATCH),
  );
  command.addHelpText("after", addHelp).action(add);
  addExamples(command, [
    ["mobilenets queue add photos --out store --redis redis://host:6379", "All pictures in a folder"],
    ["mobilenets queue add photos --out store --print > chunks.jsonl", "Chunks for Ray Data or Spark"],
    ["mobilenets queue add photos --out labelled --print --top-k 3 > more.jsonl", "With the best three labels"],
  ]);
}

const addHelp = `
The folder decides: its missing parts are added, even after all of Redis was lost. Once all parts exist, older parts
are removed, as the new ones have their rows.

Exit codes: 0 done, 1 the job failed or chunks are dead, 2 bad usage.`;

async function add(inputs: string[], flags: AddFlags): Promise<void> {
  const { planJobs } = await import("../queue/plan-jobs.ts");
  const { redis, print, queue, attempts, json } = flags;
  if (!print && redis === undefined) throw missingRedis();
  const plan = await planJobs(inputs, flags);
  if (plan.pruned > 0) {
    diagnostic(`${grouped(plan.pruned)} pictures of earlier runs are not among the inputs: --prune removes their rows`);
  }
  if (plan.kept > 0) {
    diagnostic(`${grouped(plan.kept)} pictures of earlier runs are not among the inputs: kept; --prune removes them`);
  }
  if (print) {
    for (const job of plan.jobs) await result(JSON.stringify(job));
    diagnostic(`${grouped(plan.jobs.length)} of ${grouped(plan.parts)} parts are to be made`);
    return;
  }
  const { withQueue } = await import("../queue/connection.ts");
  const { addJobs } = await import("../queue/add-jobs.ts");
  const done = await withQueue({ redis: redis!, queue }, (open) => addJobs(open, plan, attempts));
  const there = plan.parts - plan.jobs.length;
  if (done.replaced > 0) diagnostic(`${grouped(done.replaced)} waiting chunks of an earlier plan were taken out`);
  if (done.dead > 0) {
    diagnostic(
      `${grouped(done.dead)} chunks have failed for good: \`queue status\` says why, \`queue retry\` revives them`,
    );
    process.exitCode = 1;
  }
  await result(
    json
      ? JSON.stringify({ queue, out: plan.out, parts: plan.parts, pictures: plan.pictures, there, ...done })
      : `${queue}: ${grouped(done.added)} chunks added, ${grouped(done.queued)} were queued, ${grouped(there)} of ${grouped(plan.parts)} parts are there`,
  );
}

function missingRedis(): OptionError {
  const expected = "the address of a Redis, or --print";
  return new OptionError({ where: "queue add", found: "no --redis", expected });
}

function addStatus(queue: Command): void {
  const command = asking(queue.command("status"), "report the progress, the rate and the failures of a run");
  command.action(async (flags: AskFlags) => {
    const { withQueue } = await import("../queue/connection.ts");
    const { queueStatus } = await import("../queue/status.ts");
    const status = await withQueue(flags, (open) => queueStatus(open));
    await result(flags.json ? JSON.stringify(status) : statusText(status));
  });
  addExamples(command, [
    ["mobilenets queue status --redis redis://host:6379", "How far is it?"],
    ["mobilenets queue status --redis redis://host:6379 --json", "For a program"],
    ["mobilenets queue status --redis redis://host:6379 --queue second", "Of another queue"],
  ]);
}

function statusText(status: QueueStatus): string {
  const { queue, out, parts, pictures, done, waiting, active, delayed, dead, workers, rate, eta, reasons } = status;
  if (out === null) return `${queue}: nothing was added`;
  return [
    `${printable(out)}: ${grouped(done)} of ${grouped(parts)} parts are there (${grouped(pictures)} pictures in all)`,
    `${grouped(waiting)} wait, ${grouped(active)} are under way, ${grouped(delayed)} are to be tried again, ${grouped(dead)} dead`,
    `${grouped(workers)} workers, ${rate === null ? "no rate yet" : `${rate.toFixed(1)} pictures/s`}${eta === null || eta === 0 ? "" : `, ${duration(eta)} left`}`,
    ...reasons.map(({ name, reason, attempts }) => `${name}, dead after ${attempts} tries: ${printable(reason)}`),
    ...(dead > reasons.length ? [`and ${grouped(dead - reasons.length)} more`] : []),
  ].join("\n");
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

function addRetry(queue: Command): void {
  const command = asking(queue.command("retry"), "retry chunks that failed for good");
  command.action(async (flags: AskFlags) => {
    const { withQueue } = await import("../queue/connection.ts");
    const { retryDead } = await import("../queue/change-jobs.ts");
    const retried = await withQueue(flags, retryDead);
    await result(flags.json ? JSON.stringify({ retried }) : `${grouped(retried)} chunks wait again`);
  });
  addExamples(command, [
    ["mobilenets queue retry --redis redis://host:6379", "All chunks that failed for good"],
    ["mobilenets queue retry --redis redis://host:6379 --json", "For a program"],
    ["mobilenets queue retry --redis redis://host:6379 --queue second", "Of another queue"],
  ]);
}

function addDrain(queue: Command): void {
  const command = asking(queue.command("drain"), "remove waiting chunks; chunks in progress are finished");
  command.action(async (flags: AskFlags) => {
    const { withQueue } = await import("../queue/connection.ts");
    const { drainQueue } = await import("../queue/change-jobs.ts");
    const { removed, active } = await withQueue(flags, drainQueue);
    const rest = active > 0 ? `, ${grouped(active)} are under way` : "";
    await result(flags.json ? JSON.stringify({ removed, active }) : `${grouped(removed)} chunks taken out${rest}`);
  });
  addExamples(command, [
    ["mobilenets queue drain --redis redis://host:6379", "Stop once the chunks under way are done"],
    ["mobilenets queue drain --redis redis://host:6379 --json", "For a program"],
    ["mobilenets queue drain --redis redis://host:6379 --queue second", "Of another queue"],
  ]);
}

function asking(command: Command, what: string): Command {
  const description = `${what[0].toUpperCase()}${what.slice(1)}.`;
  command.summary(what).description(description).addOption(redisOption().makeOptionMandatory());
  return addQueueOptions(command).option("--json", "print one JSON object").optionsGroup("Help:");
}
